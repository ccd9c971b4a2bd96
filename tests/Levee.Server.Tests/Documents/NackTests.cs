using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>Every nack of the contract, section 3, and of the ordering rules, with its exact payload.</summary>
public sealed class NackTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, InEachFormat]
    public async Task Before_connect_document(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await DocumentClient.JoinAsync(document, format);
        var reply = await client.AskAsync("submitOp", new { clientId = "x", messages = new[] { DocumentClient.NumberedOp(1) } });
        Assert.Equal(("error", "not_authenticated"), (reply.Status, reply.Response.Text("reason")));
        await AssertNackAsync(client, null, -1, 400, "BadRequestError", "Client not connected");
    }

    [Fact]
    public async Task Another_client_id()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await using var other = await document.ConnectAsync();
        var reply = await client.AskAsync("submitOp", new { clientId = other.Id, messages = new[] { DocumentClient.NumberedOp(1) } });
        Assert.Equal(("error", "client_id_mismatch"), (reply.Status, reply.Response.Text("reason")));
        await AssertNackAsync(
            client, null, -1, 400, "BadRequestError", $"Client ID mismatch: expected {client.Id}, got another");
        Assert.Equal(2, (await document.ReadDeltasAsync()).Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_connection_whatever_its_token_allows(bool mayWrite)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var token = mayWrite ? document.FullAccess : TestTokens.ReadOnly(document.Id);
        await using var client = await document.ConnectAsync(token, "read");
        Assert.Equal("read_only", (await client.SubmitAsync(client.Op())).Response.Text("reason"));
        await AssertNackAsync(client, null, -1, 403, "InvalidScopeError", "Read-only clients cannot submit operations");
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData(""" "text" """)]
    [InlineData("""{"clientId":"ID"}""")]
    [InlineData("""{"clientId":7,"messages":[]}""")]
    [InlineData("""{"messages":[{"type":"op","clientSequenceNumber":1,"referenceSequenceNumber":-1}]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":"x"}""")]
    [InlineData("""{"clientId":"ID","messageBatches":{}}""")]
    [InlineData("""{"clientId":"ID","messageBatches":["x"]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[["x"]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[null]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[[]]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"clientSequenceNumber":1,"referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","clientSequenceNumber":1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","clientSequenceNumber":"1","referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","clientSequenceNumber":1.5,"referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","clientSequenceNumber":99999999999999999999,"referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"op","clientSequenceNumber":1,"referenceSequenceNumber":null}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":7,"clientSequenceNumber":1,"referenceSequenceNumber":-1}]]}""")]
    [InlineData("""{"clientId":"ID","messageBatches":[[{"type":"","clientSequenceNumber":1,"referenceSequenceNumber":-1}]]}""")]
    public async Task A_malformed_submission_takes_nothing_and_hurts_nobody(string payload)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await using var other = await document.ConnectAsync();
        var reply = await client.ReplyAsync(await client.PushRawAsync("submitOp", payload.Replace("ID", client.Id)));
        Assert.Equal(("error", "malformed", 400), (reply.Status, reply.Response.Text("reason"), reply.Response.Number("code")));

        var nack = await client.NackAsync();
        Assert.Equal((JsonValueKind.Null, -1), (nack.GetProperty("operation").ValueKind, nack.SequenceNumber()));
        var content = nack.GetProperty("content");
        Assert.Equal((400, "BadRequestError"), (content.Number("code"), content.Text("type")));
        Assert.Matches("^Malformed submitOp: .+", content.Text("message"));

        // Both go on, and the first number is still the client's to use.
        await client.WriteAsync(client.Op());
        await other.WriteAsync(other.Op());
        Assert.Equal([1, 2, 3, 4], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Fact]
    public async Task More_ops_than_the_limit()
    {
        await using var server = await StartAsync(("Levee:Documents:MaxOpsPerSubmit", "3"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await document.ConnectAsync();
        var tooMany = Enumerable.Range(1, 4).Select(number => DocumentClient.NumberedOp(number)).ToArray();
        Assert.Equal("malformed", (await client.SubmitAsync(tooMany)).Response.Text("reason"));
        await AssertNackAsync(client, null, -1, 400, "BadRequestError", "Malformed submitOp: batch size exceeds maximum 3");
        await client.WriteAsync(client.Op(), client.Op(), client.Op());
        Assert.Equal(4, (await document.ReadDeltasAsync()).Count);
    }

    [Theory, InEachFormat]
    public async Task An_op_above_maxMessageSize(ChannelFormat format)
    {
        await using var server = await StartAsync(("Levee:Documents:MaxMessageBytes", "2048"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await document.ConnectAsync(format: format);
        Assert.Equal(2048, client.Connected.Number("maxMessageSize"));
        var op = DocumentClient.NumberedOp(1, new string('x', 2048));
        Assert.Equal("too_large", (await client.SubmitAsync(DocumentClient.NumberedOp(1), op)).Response.Text("reason"));
        var size = op.ToJsonString().Length;
        await AssertNackAsync(client, null, -1, 413, "BadRequestError", $"An op of {size} bytes exceeds maxMessageSize 2048");
        await client.WriteAsync(client.Op());
        Assert.Equal([1, 2], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    [Theory, InEachFormat]
    public async Task A_gap_in_the_clients_numbers(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(format: format);
        await client.WriteAsync(client.Op(reference: 1));
        var op = DocumentClient.NumberedOp(3, new JsonObject { ["a"] = 1 }, reference: 2);
        op["metadata"] = new JsonObject { ["batch"] = true };
        var reply = await client.SubmitAsync(op);
        Assert.Equal(("error", "nacked", 400), (reply.Status, reply.Response.Text("reason"), reply.Response.Number("code")));
        await AssertNackAsync(client, op, 1, 400, "BadRequestError", "Gap detected in incoming op");
        await client.WriteAsync(client.Op());
    }

    [Theory]
    [InlineData("join")]
    [InlineData("leave")]
    [InlineData("summaryAck")]
    [InlineData("summaryNack")]
    [InlineData("noClient")]
    [InlineData("control")]
    public async Task A_service_type(string type)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var op = DocumentClient.NumberedOp(1, "x", type: type);
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 0, 400, "BadRequestError", "Op not allowed");
        Assert.Single(await document.ReadDeltasAsync());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(long.MaxValue)]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public async Task A_reference_from_the_future_or_below_minus_one(long reference)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var op = DocumentClient.NumberedOp(1, "x", reference);
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 0, 400, "BadRequestError", $"Refseq {reference} is not between -1 and 1");
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task A_reference_below_the_minimum_and_everything_after_it()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op());
        var old = client.Op(reference: 1);
        await client.SubmitAsync(old);
        await AssertNackAsync(client, old, 2, 400, "BadRequestError", "Refseq 1 < 2");

        var next = client.Op();
        await client.SubmitAsync(next);
        await AssertNackAsync(client, next, 2, 400, "BadRequestError", "Nonexistent client");
        Assert.Equal([1, 2], (await document.ReadDeltasAsync()).SequenceNumbers());

        await using var again = await document.ConnectAsync();
        await again.WriteAsync(again.Op());
    }

    [Fact]
    public async Task A_summarize_without_the_scope()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync(TestTokens.ReadWrite(document.Id));
        var op = DocumentClient.NumberedOp(1, SummaryUpload.Contents("x", ""), type: "summarize");
        await client.SubmitAsync(op);
        await AssertNackAsync(
            client, op, 0, 403, "InvalidScopeError", $"Client {client.Id} does not have summary permission");
        await client.WriteAsync(client.Op());
    }

    [Fact]
    public async Task A_client_that_was_made_to_leave_for_its_silence()
    {
        await using var server = await StartAsync(("Levee:Sessions:IdleClientTimeout", "00:00:01"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await document.ConnectAsync();
        await client.ReceiveAsync(message => message.IsLeaveOf(client.Id));
        var op = DocumentClient.NumberedOp(1);
        await client.SubmitAsync(op);
        await AssertNackAsync(client, op, 2, 400, "BadRequestError", "Nonexistent client");
    }

    [Theory, InEachFormat]
    public async Task More_ops_than_a_connection_may_submit_and_nothing_of_them_is_taken(ChannelFormat format)
    {
        await using var server = await StartAsync(("Levee:Documents:OpsPerSecond", "1"), ("Levee:Documents:OpsBurst", "3"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await document.ConnectAsync(format: format);
        await client.WriteAsync(client.Op(), client.Op());
        // Two of them would be too many for a while yet.
        var reply = await client.SubmitAsync(Enumerable.Range(3, 1000).Select(number => DocumentClient.NumberedOp(number)).ToArray());
        Assert.Equal(("error", "throttled", 429), (reply.Status, reply.Response.Text("reason"), reply.Response.Number("code")));
        var nack = await client.NackAsync();
        Assert.Equal((JsonValueKind.Null, -1), (nack.GetProperty("operation").ValueKind, nack.SequenceNumber()));
        var content = nack.GetProperty("content");
        Assert.Equal((429, "ThrottlingError"), (content.Number("code"), content.Text("type")));
        Assert.InRange(content.Number("retryAfter"), 1, 3);
        Assert.Equal([1, 2, 3], (await document.ReadDeltasAsync()).SequenceNumbers());

        // Each connection has a bucket of its own.
        await using var other = await document.ConnectAsync(format: format);
        await other.WriteAsync(other.Op(), other.Op(), other.Op());
    }

    [Fact]
    public async Task A_throttled_connection_may_submit_again_after_a_while_even_more_than_it_may_at_once()
    {
        await using var server = await StartAsync(("Levee:Documents:OpsPerSecond", "2"), ("Levee:Documents:OpsBurst", "2"));
        var document = await TestDocument.CreateAsync(server);
        await using var client = await document.ConnectAsync();
        // More than the burst: refused, it would be refused for ever.
        await client.WriteAsync(client.Op(), client.Op(), client.Op());
        var next = new[] { client.Op(), client.Op(), client.Op() };
        Assert.Equal("error", (await client.SubmitAsync(next)).Status);
        while ((await client.SubmitAsync(next)).Status != "ok")
        {
            Assert.Equal("ThrottlingError", (await client.NackAsync()).GetProperty("content").Text("type"));
        }

        Assert.Equal([1, 2, 3, 4, 5, 6, 7], (await document.ReadDeltasAsync()).SequenceNumbers());
    }

    private static Task<LeveeTestServer> StartAsync(params (string Name, string Value)[] settings) => LeveeTestServer.StartAsync(
        settings.ToDictionary(setting => setting.Name, setting => setting.Value), TestContext.Current.CancellationToken);

    private static async Task AssertNackAsync(
        DocumentClient client, JsonObject? operation, long sequenceNumber, int code, string type, string message) => Json.AssertEqual(
            Json.Of(new { clientId = "", nacks = new[] { new { operation, sequenceNumber, content = new { code, type, message } } } }),
            await client.EventAsync("nack"));
}
