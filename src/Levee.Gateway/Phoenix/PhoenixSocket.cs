using System.Net.WebSockets;
using Levee.Gateway.Phoenix.Serializers;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// One WebSocket with its channels. One loop receives and handles frame after frame; one loop sends what waits in the
/// <see cref="Outbox"/>; everything else only enqueues, or begins the close.
/// </summary>
public sealed partial class PhoenixSocket
{
    private static long s_lastId;

    private readonly WebSocket _webSocket;
    private readonly PhoenixOptions _options;
    private readonly ChannelRoutes _routes;
    private readonly IServiceProvider _services;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _abortConnection;
    private readonly Func<Task> _drainConnection;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<SocketClose> _close = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _abortTimer;
    private bool _ended;
    private long _lastReceived;

    internal PhoenixSocket(
        WebSocket webSocket,
        IPhoenixSerializer serializer,
        PhoenixOptions options,
        ChannelRoutes routes,
        IServiceProvider services,
        TimeProvider time,
        ILogger logger,
        Action abortConnection,
        Func<Task> drainConnection)
    {
        _webSocket = webSocket;
        _options = options;
        _routes = routes;
        _services = services;
        _time = time;
        _logger = logger;
        _abortConnection = abortConnection;
        _drainConnection = drainConnection;
        _lastReceived = time.GetTimestamp();
        Id = Interlocked.Increment(ref s_lastId);
        Serializer = serializer;
        Outbox = new Outbox(options.OutboxBytes, options.OutboxFrames);
    }

    /// <summary>A number that is unique among the sockets of this process.</summary>
    public long Id { get; }

    /// <summary>The serializer that the client asked for.</summary>
    public IPhoenixSerializer Serializer { get; }

    internal Outbox Outbox { get; }

    /// <summary>Completes when both loops have ended and every channel has been told.</summary>
    internal Task Completed => _completed.Task;

    internal TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _lastReceived));

    private bool IsClosing => _close.Task.IsCompleted;

    /// <summary>Serves the socket until it has ended, for whatever reason; never throws.</summary>
    internal async Task RunAsync()
    {
        var sending = SendLoopAsync();
        await ReceiveLoopAsync();
        BeginClose(SocketClose.ByPeer, drop: true);
        await sending;
        await WhenChannelsHaveEndedAsync();
        lock (_gate)
        {
            _ended = true;
            _abortTimer?.Dispose();
        }

        _completed.TrySetResult();
    }

    /// <summary>Queues an encoded frame; never waits. A frame that does not fit cuts the socket.</summary>
    internal bool Send(ReadOnlyMemory<byte> frame)
    {
        var outcome = Outbox.TryEnqueue(frame, out var waitingBytes);
        if (outcome == EnqueueOutcome.Overflowed)
        {
            Log.Slow(_logger, Id, waitingBytes);
            BeginClose(SocketClose.Slow(waitingBytes), drop: true);
        }

        return outcome == EnqueueOutcome.Queued;
    }

    /// <summary>
    /// Starts closing, once: no frame is accepted or handled any more, the channels end, and the peer has the close
    /// timeout to take the close frame and answer it.
    /// </summary>
    /// <param name="close">What the peer and the channels are told.</param>
    /// <param name="drop">Whether what waits to be sent is dropped rather than sent first.</param>
    internal void BeginClose(SocketClose close, bool drop)
    {
        if (!_close.TrySetResult(close))
        {
            return;
        }

        lock (_gate)
        {
            if (!_ended)
            {
                _abortTimer = _time.CreateTimer(
                    static socket => ((PhoenixSocket)socket!).Abort(), this, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
            }
        }

        Log.Closing(_logger, Id, (int)close.Status, close.Reason);
        Outbox.Complete(drop);
        EndAllChannels(close.ChannelReason);
    }

    /// <summary>Ends the connection without another word.</summary>
    internal void Abort()
    {
        lock (_gate)
        {
            // The server uses a request's context again for the next one: an ended socket must not touch it.
            if (!_ended)
            {
                _webSocket.Abort();
                _abortConnection();
            }
        }
    }

    private async Task SendLoopAsync()
    {
        try
        {
            while (await Outbox.DequeueAsync() is { } frame)
            {
                await _webSocket.SendAsync(frame, Serializer.MessageType, endOfMessage: true, CancellationToken.None);
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
            Log.TransportFailed(_logger, Id, e.GetType().Name);
            BeginClose(SocketClose.ByPeer, drop: true);
        }
        catch (Exception e)
        {
            Log.LoopFailed(_logger, Id, e.GetType().Name, e.StackTrace);
            Abort();
        }
    }

    private static bool IsTransportFailure(Exception e) =>
        e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Socket {SocketId} is closing: {Status} {Reason}")]
        internal static partial void Closing(ILogger logger, long socketId, int status, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Socket {SocketId} does not read: {WaitingBytes} bytes were waiting; it is cut")]
        internal static partial void Slow(ILogger logger, long socketId, long waitingBytes);

        [LoggerMessage(3, LogLevel.Debug, "Socket {SocketId} lost its connection: {ErrorType}")]
        internal static partial void TransportFailed(ILogger logger, long socketId, string errorType);

        [LoggerMessage(4, LogLevel.Error, "Socket {SocketId} failed: {ErrorType}\n{Stack}")]
        internal static partial void LoopFailed(ILogger logger, long socketId, string errorType, string? stack);

        // Messages of exceptions may quote contents, so a crash is told by its type and place only.
        [LoggerMessage(5, LogLevel.Error, "Socket {SocketId}: {ChannelType} crashed in {Step}: {ErrorType}\n{Stack}")]
        internal static partial void ChannelCrashed(
            ILogger logger, long socketId, string channelType, string step, string errorType, string? stack);

        [LoggerMessage(6, LogLevel.Information, "Socket {SocketId}: {ChannelType} ended ({CloseReason}): {Reason}")]
        internal static partial void ChannelEnded(
            ILogger logger, long socketId, string channelType, ChannelCloseReason closeReason, string reason);
    }
}
