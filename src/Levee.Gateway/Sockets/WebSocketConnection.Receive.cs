using System.Buffers;
using System.Net.WebSockets;

namespace Levee.Gateway.Sockets;

/// <content>The receive loop: frames to messages.</content>
internal sealed partial class WebSocketConnection
{
    private const int FirstBufferBytes = 4096;

    private async Task ReceiveLoopAsync()
    {
        try
        {
            while (await ReceiveMessageAsync() is { } message)
            {
                await owner.ReceiveAsync(message);
            }
        }
        catch (Exception e) when (IsTransportFailure(e))
        {
            Log.TransportFailed(logger, id, e.GetType().Name);
            BeginClose(SocketClose.ByPeer, drop: true);
            await DrainAsync(accepted.Drain);
        }
        catch (Exception e)
        {
            Log.LoopFailed(logger, id, e.GetType().Name, e.StackTrace);
            BeginClose(SocketClose.InternalError, drop: true);
            await DrainAsync(DrainMessagesAsync);
        }
    }

    /// <summary>The next message in an array of its own, or null when the peer has closed.</summary>
    private async ValueTask<byte[]?> ReceiveMessageAsync()
    {
        while (true)
        {
            // An empty read first, so that a socket that waits holds no buffer.
            var result = await _webSocket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            Volatile.Write(ref _lastReceived, time.GetTimestamp());
            if (result.MessageType == WebSocketMessageType.Close)
            {
                ClosedByPeer();
                return null;
            }

            var message = await ReceiveBodyAsync(result);
            if (message is not null)
            {
                return message;
            }
        }
    }

    // Null for a message that is not to be handled: the socket is closing, because of this message or already.
    private async ValueTask<byte[]?> ReceiveBodyAsync(ValueWebSocketReceiveResult result)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBufferBytes);
        try
        {
            var length = 0;
            while (!result.EndOfMessage)
            {
                if (length == buffer.Length)
                {
                    buffer = Grow(buffer);
                }

                result = await _webSocket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                Volatile.Write(ref _lastReceived, time.GetTimestamp());
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    ClosedByPeer();
                    return null;
                }

                // While closing, what still comes is only read so that the peer's close frame can be.
                length = IsClosing ? 0 : length + result.Count;
                if (length > limits.MaxMessageBytes)
                {
                    BeginClose(SocketClose.TooLarge(limits.MaxMessageBytes), drop: false);
                    length = 0;
                }
            }

            if (!IsClosing && result.MessageType != limits.MessageType)
            {
                BeginClose(new SocketClose(WebSocketCloseStatus.InvalidMessageType, limits.WrongTypeReason), drop: false);
            }

            return IsClosing ? null : buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Grow(byte[] buffer)
    {
        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private void ClosedByPeer() => BeginClose(SocketClose.ByPeer, drop: true);

    // Closing a connection with unread bytes resets it, and the peer may never see why.
    private async ValueTask DrainAsync(Func<Task> read)
    {
        try
        {
            await read();
        }
        catch (Exception e) when (IsTransportFailure(e))
        {
            Log.TransportFailed(logger, id, e.GetType().Name);
        }
    }

    private async Task DrainMessagesAsync()
    {
        while (await ReceiveMessageAsync() is not null)
        {
        }
    }
}
