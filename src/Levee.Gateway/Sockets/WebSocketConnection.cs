using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Sockets;

/// <summary>
/// One WebSocket. One loop receives message after message for its <see cref="IWebSocketOwner"/>; one loop sends what waits in the
/// <see cref="Outbox"/>; everything else only enqueues, or begins the close.
/// </summary>
internal sealed partial class WebSocketConnection(
    long id,
    AcceptedWebSocket accepted,
    IWebSocketOwner owner,
    Outbox outbox,
    WebSocketLimits limits,
    TimeProvider time,
    ILogger logger)
{
    private readonly WebSocket _webSocket = accepted.WebSocket;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<SocketClose> _close = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Outbox _outbox = outbox;
    private ITimer? _abortTimer;
    private long _lastReceived = time.GetTimestamp();

    /// <summary>Completes when both loops have ended.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>How long ago the peer last sent anything.</summary>
    internal TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref _lastReceived));

    internal bool IsClosing => _close.Task.IsCompleted;

    /// <summary>Runs both loops until they have ended, for whatever reason; never throws.</summary>
    internal async Task RunAsync()
    {
        // An owner that takes long keeps the receive loop from noticing that the connection is gone.
        using var gone = accepted.Gone.UnsafeRegister(
            static connection => ((WebSocketConnection)connection!).BeginClose(SocketClose.ByPeer, drop: true), this);
        var sending = SendLoopAsync();
        await ReceiveLoopAsync();
        BeginClose(SocketClose.ByPeer, drop: true);
        await sending;
        lock (_gate)
        {
            _ended.TrySetResult();
            _abortTimer?.Dispose();
        }
    }

    /// <summary>Queues an encoded frame; never waits. A frame that does not fit cuts the socket.</summary>
    internal bool Send(ReadOnlyMemory<byte> frame) =>
        _outbox.Send(frame, waitingBytes => BeginClose(SocketClose.Slow(waitingBytes), drop: true));

    /// <summary>
    /// Starts closing, once: no frame is accepted or handed on any more, the owner is told, and the peer has the close
    /// timeout to take the close frame and answer it.
    /// </summary>
    /// <param name="close">What the peer and the owner are told.</param>
    /// <param name="drop">Whether what waits to be sent is dropped rather than sent first.</param>
    internal void BeginClose(SocketClose close, bool drop)
    {
        lock (_gate)
        {
            if (!_close.TrySetResult(close))
            {
                return;
            }

            if (!_ended.Task.IsCompleted)
            {
                _abortTimer = time.CreateTimer(
                    static connection => ((WebSocketConnection)connection!).Abort(), this, limits.CloseTimeout, Timeout.InfiniteTimeSpan);
            }

            _outbox.Complete(drop);
        }

        if (close.Cause == SocketCloseCause.SlowConsumer)
        {
            Log.Slow(logger, id, close.Reason);
        }

        Log.Closing(logger, id, (int)close.Status, close.Reason);
        owner.Closing(close);
    }

    /// <summary>Sends what waits, and from then on what waits in another outbox, whose only reader this becomes.</summary>
    /// <returns>False if the socket is closing: the other outbox is not touched.</returns>
    internal bool ContinueWith(Outbox next)
    {
        lock (_gate)
        {
            if (IsClosing)
            {
                return false;
            }

            var first = _outbox;
            _outbox = next;
            first.Complete(drop: false);
            return true;
        }
    }

    /// <summary>Ends the connection without another word.</summary>
    internal void Abort()
    {
        lock (_gate)
        {
            // The server uses a request's context again for the next one: an ended socket must not touch it.
            if (!_ended.Task.IsCompleted)
            {
                _webSocket.Abort();
                accepted.Abort();
            }
        }
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (await NextFrameAsync() is { } frame)
            {
                await _webSocket.SendAsync(frame, limits.MessageType, endOfMessage: true, CancellationToken.None);
            }

            // An outbox that overflows ends a moment before the reason is known.
            var close = await _close.Task;
            if (_webSocket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await _webSocket.CloseOutputAsync(close.Status, close.Reason, CancellationToken.None);
            }
        }
        catch (Exception e) when (IsTransportFailure(e))
        {
            // The connection is broken, or the framework has closed it because of bytes that it refuses, and then the peer has yet to
            // read why. The receive loop finds out which it is; the close timeout bounds both.
            Log.TransportFailed(logger, id, e.GetType().Name);
            BeginClose(SocketClose.ByPeer, drop: true);
        }
        catch (Exception e)
        {
            Log.LoopFailed(logger, id, e.GetType().Name, e.StackTrace);
            Abort();
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> NextFrameAsync()
    {
        while (true)
        {
            var current = Volatile.Read(ref _outbox);
            var frame = await current.DequeueAsync();
            if (frame is not null || current == Volatile.Read(ref _outbox))
            {
                return frame;
            }
        }
    }

    private static bool IsTransportFailure(Exception e) =>
        e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Socket {SocketId} is closing: {Status} {Reason}")]
        internal static partial void Closing(ILogger logger, long socketId, int status, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Socket {SocketId} does not read and is cut: {Reason}")]
        internal static partial void Slow(ILogger logger, long socketId, string reason);

        [LoggerMessage(3, LogLevel.Debug, "Socket {SocketId} lost its connection: {ErrorType}")]
        internal static partial void TransportFailed(ILogger logger, long socketId, string errorType);

        [LoggerMessage(4, LogLevel.Error, "Socket {SocketId} failed: {ErrorType}\n{Stack}")]
        internal static partial void LoopFailed(ILogger logger, long socketId, string errorType, string? stack);
    }
}
