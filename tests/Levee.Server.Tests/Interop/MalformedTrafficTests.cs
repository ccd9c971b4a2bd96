using System.Net.WebSockets;
using Levee.Server.Tests.Restart;
using Levee.Testing;

namespace Levee.Server.Tests.Interop;

/// <summary>What malformed traffic does beside good one, where the moment matters; what it may hold is the fuzzer's.</summary>
public sealed class MalformedTrafficTests
{
    private const string Document = "attacked";

    private static readonly byte[] NoText = [(byte)'[', (byte)'"', 0xff];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_socket_that_sends_what_is_no_text_is_told_so_also_while_ops_are_sent_to_it()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await using var writer = new RecordingClient(Document, "ann");
        await writer.ConnectAsync(server.Url, Ct);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var writing = KeepWritingAsync(writer, enough.Token);

        for (var i = 0; i < 100; i++)
        {
            await using var client = await ChannelClient.ConnectAsync(server.Url, cancellationToken: Ct);
            await client.ConnectDocumentAsync(
                TestTenants.Default.Id, Document, TestTokens.ReadOnly(Document), "read", lastSeenSequenceNumber: 0, cancellationToken: Ct);
            await client.SendAsync(NoText, WebSocketMessageType.Text, cancellationToken: Ct);
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await client.ExpectCloseAsync(cancellationToken: Ct));
        }

        await enough.CancelAsync();
        await writing;
    }

    private static async Task KeepWritingAsync(RecordingClient writer, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await writer.WriteAsync(10, Ct);
            Assert.Empty(writer.Refusals);
        }
    }
}
