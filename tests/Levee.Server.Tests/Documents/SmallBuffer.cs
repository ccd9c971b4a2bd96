using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Levee.Server.Tests.Documents;

/// <summary>WebSockets for which the system keeps little, so that one who does not read is soon known for it.</summary>
internal static class SmallBuffer
{
    public static async Task ConnectAsync(ClientWebSocket socket, Uri url)
    {
        using var transport = new SocketsHttpHandler { ConnectCallback = ConnectWithSmallBufferAsync };
        using var invoker = new HttpMessageInvoker(transport, disposeHandler: false);
        await socket.ConnectAsync(url, invoker, TestContext.Current.CancellationToken);
    }

    public static async Task<string> ReadTextAsync(ClientWebSocket socket)
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

    private static async ValueTask<Stream> ConnectWithSmallBufferAsync(
        SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        // Otherwise the system keeps megabytes for a peer that does not read.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
