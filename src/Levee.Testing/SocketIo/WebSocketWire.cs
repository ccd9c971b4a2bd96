using System.Buffers;
using System.Net.WebSockets;
using System.Text;

namespace Levee.Testing;

/// <summary>A packet is a text message.</summary>
internal sealed class WebSocketWire(ClientWebSocket socket, Action<string> received) : SocketIoWire(received)
{
    internal ClientWebSocket Socket { get; } = socket;

    internal override Task SendAsync(string packet, CancellationToken cancellationToken) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, cancellationToken);

    internal override void Abort()
    {
        base.Abort();
        Socket.Abort();
    }

    /// <summary>The next packet; null when the server has closed.</summary>
    internal async Task<string?> NextAsync(CancellationToken stop)
    {
        var buffer = new ArrayBufferWriter<byte>();
        while (true)
        {
            var result = await Socket.ReceiveAsync(buffer.GetMemory(4096), stop);
            buffer.Advance(result.Count);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", stop);
                return null;
            }

            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(buffer.WrittenSpan);
            }
        }
    }

    protected override async Task ReceiveAsync(Action<string> received, CancellationToken stop)
    {
        while (await NextAsync(stop) is { } packet)
        {
            received(packet);
        }
    }
}
