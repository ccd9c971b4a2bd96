using System.Net.WebSockets;
using System.Text;
using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>A WebSocket, frame by frame.</summary>
public sealed class RawSocket(ClientWebSocket socket) : IDisposable
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public ClientWebSocket Socket => socket;

    public Task ConnectAsync(Uri address) => socket.ConnectAsync(address, Test);

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text);

    public Task SendAsync(byte[] bytes, WebSocketMessageType type) => socket.SendAsync(bytes, type, true, Test);

    /// <summary>The next text; null for the close frame, which is answered.</summary>
    public async Task<string?> NextAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
        patience.CancelAfter(Eventually.Patience);
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await socket.ReceiveAsync(buffer, patience.Token);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Test);
                return null;
            }

            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(message.ToArray());
            }
        }
    }

    /// <summary>The close frame, whatever comes before it.</summary>
    public async Task<(int Status, string? Reason)> CloseAsync()
    {
        while (await NextAsync() is not null)
        {
        }

        return ((int)socket.CloseStatus!, socket.CloseStatusDescription);
    }

    public void Dispose() => socket.Dispose();
}
