using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.SocketIo;

/// <summary>Ops between stock clients, and between them and clients of channels.</summary>
public sealed class OpTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private const int Batches = 15;
    private const int BatchSize = 5;

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_dialects_see_the_same_bytes_whoever_wrote_them()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var channel = await document.ConnectAsync();
        await using var stock = await StockClient.ConnectAsync(document);
        await stock.Socket.SendAsync(
            $$"""42["submitOp","{{stock.Id}}",[[{"contents":"{\"a\": 1.0}","referenceSequenceNumber":1,"type":"op","clientSequenceNumber":1,"metadata":{"batch": true,"\u0062":1e2},"compression":"lz4","traces":[]}]]]""",
            Test);
        await stock.ReceiveAsync(op => op.Text("clientId") == stock.Id);
        await channel.WriteAsync(channel.Op(new JsonObject { ["b"] = "é\u0001" }, type: "custom"));
        await stock.ReceiveAsync(op => op.Text("clientId") == channel.Id);
        await channel.ReceiveThroughAsync(4);

        Assert.Equal([2, 3, 4], stock.Received.SequenceNumbers());
        Assert.Equal(
            channel.Received.Where(op => op.SequenceNumber() >= 2).Select(op => op.GetRawText()),
            stock.Received.Select(op => op.GetRawText()));
        Assert.Equal(
            (await document.ReadDeltasAsync()).Skip(1).Select(op => op.GetRawText()), stock.Received.Select(op => op.GetRawText()));
        Assert.EndsWith(
            ""","type":"op","contents":"{\"a\": 1.0}","metadata":{"batch": true,"\u0062":1e2},"compression":"lz4","traces":[]}""",
            stock.Received[1].GetRawText());
    }

    [Fact]
    public async Task Members_that_the_reference_service_does_not_pass_on_are_dropped()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var op = client.Op();
        op["sequenceNumber"] = 99;
        op["clientId"] = "forged";
        op["expHash1"] = "x";
        op["serverMetadata"] = 1;
        var sequenced = await client.WriteAsync(op);
        Assert.Equal(
            ["clientId", "clientSequenceNumber", "minimumSequenceNumber", "referenceSequenceNumber", "sequenceNumber", "timestamp", "type", "contents"],
            sequenced.MemberNames());
    }

    [Theory]
    [InlineData("[[OP1,OP2],[OP3]]")]
    [InlineData("[OP1,OP2,OP3]")]
    [InlineData("[[OP1],OP2,[],[OP3]]")]
    public async Task Batches_may_be_nested_or_flat(string batches)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        for (var number = 1; number <= 3; number++)
        {
            batches = batches.Replace($"OP{number}", DocumentClient.NumberedOp(number).ToJsonString());
        }

        await client.Socket.SendAsync($"42[\"submitOp\",\"{client.Id}\",{batches}]", Test);
        await client.ReceiveAsync(op => op.SequenceNumber() == 4);
        Assert.Equal([-1L, 1, 2, 3], client.Received.Select(op => op.Number("clientSequenceNumber")));
    }

    [Fact]
    public async Task A_repeat_is_dropped_in_silence()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var op = client.Op();
        await client.WriteAsync(op);
        await client.SubmitAsync(op);
        await client.SubmitAsync(op, client.Op("second"));
        await client.ReceiveAsync(message => message.Type() == "op" && message.Text("contents") == "second");
        Assert.Equal([1, 2, 3], client.Received.SequenceNumbers());
        await client.AssertNoneAsync("nack");
    }

    [Fact]
    public async Task A_noop_moves_the_minimum_and_is_not_answered_by_itself()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var first = await StockClient.ConnectAsync(document);
        await using var second = await StockClient.ConnectAsync(document);
        await first.WriteAsync(first.Op());
        await second.ReceiveAsync(op => op.SequenceNumber() == 3);
        var noop = second.Op(reference: 3, type: "noop");
        noop.Remove("contents");
        await second.SubmitAsync(noop);
        var sequenced = await first.ReceiveAsync(op => op.SequenceNumber() == 4);
        Assert.Equal(("noop", 3), (sequenced.Type(), sequenced.MinimumSequenceNumber()));
        await second.AssertNoneAsync("nack");
    }

    [Fact]
    public async Task Batches_of_both_dialects_at_once_are_never_interleaved()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var a = await StockClient.ConnectAsync(document);
        await using var b = await StockClient.ConnectAsync(document, transport: SocketIoTransport.Polling);
        await using var c = await document.ConnectAsync();
        await using var d = await document.ConnectAsync(format: ChannelFormat.MessagePack);
        await Task.WhenAll(
            WriteBatchesAsync(ops => a.SubmitAsync(ops)),
            WriteBatchesAsync(ops => b.SubmitAsync(ops)),
            WriteBatchesAsync(ops => c.WriteAsync(ops)),
            WriteBatchesAsync(ops => d.WriteAsync(ops)));
        const int Last = 4 + (4 * Batches * BatchSize);
        await a.ReceiveAsync(op => op.SequenceNumber() == Last);
        await b.ReceiveAsync(op => op.SequenceNumber() == Last);

        var ops = await document.ReadDeltasAsync();
        Assert.Equal(Enumerable.Range(1, Last).Select(number => (long)number), ops.SequenceNumbers());
        foreach (var batch in ops.Where(op => op.Type() == "op").Chunk(BatchSize))
        {
            var first = batch[0].Number("clientSequenceNumber");
            Assert.Equal(0, (first - 1) % BatchSize);
            Assert.All(batch, op => Assert.Equal(batch[0].Text("clientId"), op.Text("clientId")));
            Assert.Equal(Enumerable.Range(0, BatchSize).Select(i => first + i), batch.Select(op => op.Number("clientSequenceNumber")));
        }

        Assert.Equal(ops.Where(op => op.SequenceNumber() >= 2).Select(op => op.GetRawText()), Since(a, 2));
        Assert.Equal(ops.Where(op => op.SequenceNumber() >= 2).Select(op => op.GetRawText()).Skip(1), Since(b, 3));
        await a.AssertNoneAsync("nack");
        await b.AssertNoneAsync("nack");
    }

    [Fact]
    public async Task A_document_goes_on_with_stock_clients_after_a_restart()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Test);
        var document = await TestDocument.CreateAsync(server);
        await using var before = await StockClient.ConnectAsync(document);
        await before.WriteAsync(before.Op("before"));
        await server.RestartAsync(Test);
        Assert.Equal("41", await before.Socket.ExpectPacketAsync("41", cancellationToken: Test));
        await before.ClosedAsync();
        await using var after = await StockClient.ConnectAsync(document);
        Assert.Equal(3, after.Connected.Number("checkpointSequenceNumber"));
        Assert.Equal(5, (await after.WriteAsync(after.Op("after"))).SequenceNumber());
    }

    private static IEnumerable<string> Since(StockClient client, long first) =>
        client.Received.Where(op => op.SequenceNumber() >= first).Select(op => op.GetRawText());

    private static async Task WriteBatchesAsync(Func<JsonObject[], Task> submit)
    {
        for (var batch = 0; batch < Batches; batch++)
        {
            await submit([.. Enumerable.Range(1, BatchSize).Select(i =>
            {
                var op = DocumentClient.NumberedOp((batch * BatchSize) + i);
                op["metadata"] = new JsonObject { ["batch"] = i == 1 };
                return op;
            })]);
        }
    }
}
