using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>A client that does not read is cut with a reason, leaves the document, and disturbs nobody.</summary>
public sealed class SlowClientTests
{
    private const int OpBytes = 512 * 1024;

    // What a loopback connection may hold for a peer that does not read is far below this.
    private const int MostOps = 200;

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

    private static async Task<string> ConnectAsync(ClientWebSocket socket, TestDocument document)
    {
        var url = new UriBuilder(document.Server.Url) { Scheme = "ws", Path = "/socket/websocket", Query = "vsn=2.0.0" };
        await socket.ConnectAsync(url.Uri, TestContext.Current.CancellationToken);
        await SendAsync(socket, new object[] { "1", "1", document.Topic, "phx_join", new { } });
        await SendAsync(socket, new object[] { "1", "2", document.Topic, "connect_document", document.ConnectMessage() });
        while (true)
        {
            var frame = Json.Of(await ReadTextAsync(socket));
            if (frame[3].GetString() == "connect_document_success")
            {
                return frame[4].Text("clientId")!;
            }
        }
    }

    private static Task SendAsync(ClientWebSocket socket, object[] frame) => socket.SendAsync(
        JsonSerializer.SerializeToUtf8Bytes(frame), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    private static async Task<string> ReadTextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken);
            length += result.Count;
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(buffer, 0, length);
            }
        }
    }

    private static async Task ReadToCloseAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        while ((await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken)).MessageType != WebSocketMessageType.Close)
        {
        }
    }
}
