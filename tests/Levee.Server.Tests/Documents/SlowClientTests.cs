using System.Net.WebSockets;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>A client that does not read is cut with a reason, leaves the document, and disturbs nobody.</summary>
public sealed class SlowClientTests
{
    private const int OpBytes = 512 * 1024;

    // What a loopback connection may hold for a peer that does not read is far below this.
    private const int MostOps = 200;

    // More than a connection takes for a peer with a small buffer.
    private const int HistoryOps = 24;

    [Fact]
    public async Task A_client_that_never_reads_is_cut_with_a_reason_and_the_others_are_undisturbed()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Phoenix:OutboxBytes"] = $"{4 * OpBytes}", ["Levee:Phoenix:CloseTimeout"] = "00:00:30" },
            TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read");
        using var slow = new ClientWebSocket();
        var slowId = await ConnectAsync(slow, document);

        var contents = new string('x', OpBytes);
        var written = 0;
        while (!writer.Received.Exists(message => message.IsLeaveOf(slowId)) && written < MostOps)
        {
            await writer.WriteAsync(writer.Op(contents));
            written++;
            await writer.ReceiveAsync(message => message.Type() == "op" && message.Number("clientSequenceNumber") == written);
            await reader.ReceiveAsync(message => message.Type() == "op" && message.Number("clientSequenceNumber") == written);
        }

        await writer.ReceiveAsync(message => message.IsLeaveOf(slowId));
        await writer.WriteAsync(writer.Op("after"));
        var all = await reader.ReceiveThroughAsync((await document.ReadDeltasAsync())[^1].SequenceNumber());
        Assert.Equal(Enumerable.Range(2, all.Count).Select(number => (long)number), all.SequenceNumbers());
        Assert.Equal("after", all[^1].Text("contents"));
        await writer.AssertNoneAsync("phx_error");

        // Once it reads, it finds what was on its way, and then why it was cut.
        await ReadToCloseAsync(slow);
        Assert.Equal(1013, (int?)slow.CloseStatus);
        Assert.Matches(@"^slow consumer: \d+ bytes were waiting; reconnect and catch up$", slow.CloseStatusDescription);

        await using var back = await document.ConnectAsync(mode: "read", lastSeen: 2);
        Assert.Equal(all.Count - 1, (await back.ReceiveThroughAsync(all[^1].SequenceNumber())).Count);
    }

    [Theory]
    [InlineData("phx_leave")]
    [InlineData("phx_join")]
    [InlineData(null)]
    public async Task A_client_that_goes_in_the_middle_of_its_history_disturbs_nobody(string? goodbye)
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Phoenix:OutboxBytes"] = $"{4 * OpBytes}", ["Levee:Phoenix:CloseTimeout"] = "00:00:30" },
            TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync(mode: "write");
        var contents = new string('x', OpBytes);
        for (var i = 0; i < HistoryOps; i++)
        {
            await writer.WriteAsync(writer.Op(contents));
            await writer.ReceiveThroughAsync(i + 2);
        }

        using var slow = new ClientWebSocket();
        var slowId = await ConnectAsync(slow, document, lastSeen: 0);
        // By the time that another one has read everything, the slow one's reader of history waits for room.
        await using var quick = await document.ConnectAsync(mode: "read", lastSeen: 0);
        await quick.ReceiveThroughAsync(HistoryOps + 1);
        if (goodbye is null)
        {
            slow.Abort();
        }
        else
        {
            await SendAsync(slow, ["1", "3", document.Topic, goodbye, new { }]);
        }

        await writer.ReceiveAsync(message => message.IsLeaveOf(slowId));
        await writer.WriteAsync(writer.Op("after"));
        await quick.ReceiveAsync(message => message.Type() == "op" && message.Text("contents") == "after");
        await writer.AssertNoneAsync("phx_error");
        await quick.AssertNoneAsync("phx_error");
    }

    private static async Task<string> ConnectAsync(ClientWebSocket socket, TestDocument document, long? lastSeen = null)
    {
        var url = new UriBuilder(document.Server.Url) { Scheme = "ws", Path = "/socket/websocket", Query = "vsn=2.0.0" };
        await SmallBuffer.ConnectAsync(socket, url.Uri);
        await SendAsync(socket, new object[] { "1", "1", document.Topic, "phx_join", new { } });
        await SendAsync(socket, new object[] { "1", "2", document.Topic, "connect_document", document.ConnectMessage(lastSeen: lastSeen) });
        while (true)
        {
            var frame = Json.Of(await SmallBuffer.ReadTextAsync(socket));
            if (frame[3].GetString() == "connect_document_success")
            {
                return frame[4].Text("clientId")!;
            }
        }
    }

    private static Task SendAsync(ClientWebSocket socket, object[] frame) => socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task ReadToCloseAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    }
}
