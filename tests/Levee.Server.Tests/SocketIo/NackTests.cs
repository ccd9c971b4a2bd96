using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.SocketIo;

/// <summary>Every row of the table of nacks, in its two forms: before sequencing, and by the sequencer.</summary>
public sealed class NackTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ops_and_signals_before_connect_document_are_of_a_nonexistent_client()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        await client.Socket.EmitAsync("submitOp", "x", new[] { DocumentClient.NumberedOp(1) });
        await AssertEarlyNackAsync(client, 400, "BadRequestError", "Nonexistent client");
        await client.Socket.EmitAsync("submitSignal", "x", new[] { "text" });
        await AssertEarlyNackAsync(client, 400, "BadRequestError", "Nonexistent client");
    }

    [Fact]
    public async Task Ops_and_signals_in_anothers_name_are_of_a_nonexistent_client()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        await using var other = await StockClient.ConnectAsync(document);
        await client.Socket.EmitAsync("submitOp", other.Id, new[] { new[] { DocumentClient.NumberedOp(1) } });
        await AssertEarlyNackAsync(client, 400, "BadRequestError", "Nonexistent client");
        await client.Socket.EmitAsync("submitSignal", other.Id, new[] { new { content = "{}" } });
        await AssertEarlyNackAsync(client, 400, "BadRequestError", "Nonexistent client");
        Assert.Equal(2, (await document.ReadDeltasAsync()).Count);
    }

    [Theory]
    [InlineData(true, 400, "BadRequestError", "Readonly client")]
    [InlineData(false, 403, "InvalidScopeError", "Invalid scope")]
    public async Task A_reader_may_not_submit_whatever_its_token_allows(bool mayWrite, int code, string type, string message)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var token = mayWrite ? document.FullAccess : TestTokens.ReadOnly(document.Id);
        await using var client = await StockClient.ConnectAsync(document, token, "read");
        await client.SubmitAsync(client.Op());
        await AssertEarlyNackAsync(client, code, type, message);
        Assert.Empty(await document.ReadDeltasAsync());
    }

    [Theory]
    [InlineData("""42["submitOp"]""")]
    [InlineData("""42["submitOp","ID"]""")]
    [InlineData("""42["submitOp",7,[]]""")]
    [InlineData("""42["submitOp","ID","x"]""")]
    [InlineData("""42["submitOp","ID",{}]""")]
    [InlineData("""42["submitOp","ID",["x"]]""")]
    [InlineData("""42["submitOp","ID",[["x"]]]""")]
    [InlineData("""42["submitOp","ID",[[null]]]""")]
    [InlineData("""42["submitOp","ID",[[[]]]]""")]
    [InlineData("""42["submitOp","ID",[[{}]]]""")]
    [InlineData("""42["submitOp","ID",[[{"type":"op","clientSequenceNumber":"1","referenceSequenceNumber":-1}]]]""")]
    [InlineData("""42["submitOp","ID",[[{"type":7,"clientSequenceNumber":1,"referenceSequenceNumber":-1}]]]""")]
    [InlineData("""42["submitOp","\ud800",[]]""")]
    public async Task A_malformed_submission_takes_nothing_and_hurts_nobody(string packet)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        await using var other = await StockClient.ConnectAsync(document);
        await client.Socket.SendAsync(packet.Replace("ID", client.Id), Test);
        var nack = (await client.EventAsync("nack")).Arguments;
        Assert.Equal(("", -1), (nack[0].GetString(), nack[1][0].SequenceNumber()));
        Assert.Matches("^Malformed submitOp: .+", nack[1][0].GetProperty("content").Text("message"));

        await client.WriteAsync(client.Op());
        await other.WriteAsync(other.Op());
        Assert.Equal([1, 2, 3, 4], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task More_ops_than_the_limit()
    {
        await using var server = await StartAsync(("Levee:Documents:MaxOpsPerSubmit", "3"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.SubmitAsync(Enumerable.Range(1, 4).Select(number => DocumentClient.NumberedOp(number)).ToArray());
        await AssertEarlyNackAsync(client, 400, "BadRequestError", "Malformed submitOp: batch size exceeds maximum 3");
        await client.WriteAsync(client.Op(), client.Op(), client.Op());
    }

    [Fact]
    public async Task An_op_that_is_too_large_takes_its_whole_submission_with_it()
    {
        await using var server = await StartAsync(("Levee:Documents:MaxMessageBytes", "2048"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.SubmitAsync(DocumentClient.NumberedOp(1), DocumentClient.NumberedOp(2, new string('x', 2048)));
        await AssertEarlyNackAsync(client, 413, "BadRequestError", "Op size too large");
        await client.WriteAsync(client.Op());
        Assert.Equal([1, 2], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task More_ops_than_a_connection_may_submit_and_nothing_of_them_is_taken()
    {
        await using var server = await StartAsync(("Levee:Documents:OpsPerSecond", "1"), ("Levee:Documents:OpsBurst", "3"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.WriteAsync(client.Op(), client.Op());
        await client.SubmitAsync(Enumerable.Range(3, 1000).Select(number => DocumentClient.NumberedOp(number)).ToArray());
        var nack = (await client.EventAsync("nack")).Arguments;
        var content = nack[1][0].GetProperty("content");
        Assert.Equal(
            ("", -1, 429, "ThrottlingError"),
            (nack[0].GetString(), nack[1][0].SequenceNumber(), content.Number("code"), content.Text("type")));
        Assert.InRange(content.Number("retryAfter"), 1, 3);
        Assert.Equal([1, 2, 3], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task A_gap_in_the_clients_numbers()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.WriteAsync(client.Op(reference: 1));
        var op = DocumentClient.NumberedOp(5, "1", reference: 1);
        op["metadata"] = new JsonObject { ["batch"] = true };
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 1, 400, "BadRequestError", "Gap detected in incoming op");
        await client.WriteAsync(client.Op());
    }

    [Theory]
    [InlineData("join")]
    [InlineData("leave")]
    [InlineData("control")]
    [InlineData("noClient")]
    [InlineData("summaryAck")]
    [InlineData("summaryNack")]
    public async Task A_service_type(string type)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var op = DocumentClient.NumberedOp(1, "x", type: type);
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 0, 400, "BadRequestError", "Op not allowed");
        Assert.Single(await document.ReadDeltasAsync());
    }

    [Fact]
    public async Task A_reference_below_the_minimum_and_everything_after_it_until_the_client_joins_anew()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.WriteAsync(client.Op());
        var old = client.Op(reference: 1);
        await client.SubmitAsync(old);
        await AssertNackAsync(client, old, 2, 400, "BadRequestError", "Refseq 1 < 2");
        var next = client.Op();
        await client.SubmitAsync(next);
        await AssertNackAsync(client, next, 2, 400, "BadRequestError", "Nonexistent client");
        Assert.Equal([1, 2], (await document.ReadDeltasAsync()).SequenceNumbers());
        await using var again = await StockClient.ConnectAsync(document);
        await again.WriteAsync(again.Op());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(long.MaxValue)]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public async Task A_reference_from_the_future_or_below_minus_one(long reference)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var op = DocumentClient.NumberedOp(1, "x", reference);
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 0, 400, "BadRequestError", $"Refseq {reference} is not between -1 and 1");
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task A_client_that_was_silent_too_long_once_it_has_been_made_to_leave()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Sessions:IdleClientTimeout"] = "00:00:01" }, TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.ReceiveAsync(message => message.IsLeaveOf(client.Id));
        var op = client.Op();
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 2, 400, "BadRequestError", "Nonexistent client");
    }

    [Fact]
    public async Task A_summarize_of_a_client_that_is_no_summarizer()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var op = DocumentClient.NumberedOp(1, SummaryUpload.Contents("x", ""), type: "summarize");
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 0, 403, "InvalidScopeError", $"Client {client.Id} does not have summary permission");
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task Of_one_submission_each_refused_op_has_its_nack_and_the_others_are_sequenced()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        await client.SubmitAsync(DocumentClient.NumberedOp(1), DocumentClient.NumberedOp(3), DocumentClient.NumberedOp(2), DocumentClient.NumberedOp(7));
        var nacks = (await client.EventAsync("nack")).Arguments[1].EnumerateArray().ToList();
        Assert.Equal([3, 7], nacks.Select(nack => nack.GetProperty("operation").Number("clientSequenceNumber")));
        Assert.Equal([1, 2, 3], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task Signals_of_another_shape_and_nothing_of_them_is_sent()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var v2 = await StockClient.ConnectAsync(document);
        await using var v1 = await StockClient.ConnectAsync(document, signalsV2: false);
        await v2.SignalAsync(new { content = "{}" }, new { targetClientId = v1.Id });
        await AssertEarlyNackAsync(v2, 400, "BadRequestError", "Invalid signal message");
        await v2.SignalAsync("a V1 signal");
        await AssertEarlyNackAsync(v2, 400, "BadRequestError", "Invalid signal message");
        await v2.Socket.EmitAsync("submitSignal", v2.Id, "no list");
        await AssertEarlyNackAsync(v2, 400, "BadRequestError", "Invalid signal message");
        await v1.SignalAsync(new { content = "{}" });
        await AssertEarlyNackAsync(v1, 400, "BadRequestError", "Invalid signal message");
        await v1.WriteAsync(v1.Op());
        await v1.AssertNoneAsync("signal", signal => signal.Arguments[0].Text("clientId") is not null);
    }

    private static Task<LeveeTestServer> StartAsync(params (string Name, string Value)[] settings) => LeveeTestServer.StartAsync(
        settings.ToDictionary(setting => setting.Name, setting => setting.Value), Test);

    private static async Task AssertEarlyNackAsync(StockClient client, int code, string type, string message) => Assert.Equal(
        $$$"""42["nack","",[{"sequenceNumber":-1,"content":{"code":{{{code}}},"type":"{{{type}}}","message":"{{{message}}}"}}]]""",
        (await client.EventAsync("nack")).Packet);

    private static async Task AssertNackAsync(
        StockClient client, JsonObject operation, long sequenceNumber, int code, string type, string message) => Json.AssertEqual(
            Json.Of(new object[] { client.Document.Id, new[] { new { operation, sequenceNumber, content = new { code, type, message } } } }),
            JsonSerializer.SerializeToElement((await client.EventAsync("nack")).Arguments));
}
