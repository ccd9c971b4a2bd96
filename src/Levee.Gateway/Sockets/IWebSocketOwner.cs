namespace Levee.Gateway.Sockets;

/// <summary>Whoever is behind a <see cref="WebSocketConnection"/>.</summary>
internal interface IWebSocketOwner
{
    /// <summary>Takes one message; while it runs nothing more is received. An exception closes the socket with 1011.</summary>
    /// <param name="message">An array of its own, to keep.</param>
    ValueTask ReceiveAsync(byte[] message);

    /// <summary>The socket has begun to close: no message comes any more. Once, before the peer is told; must not block.</summary>
    void Closing(SocketClose close);
}
