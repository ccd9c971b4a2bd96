using System.Text;
using Levee.Gateway.Sockets;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>
/// One Engine.IO session: a stream of packets in both directions, over HTTP requests or over a WebSocket, or over the one and then the
/// other. What is to be sent waits in the <see cref="Outbox"/>, which the transport of the moment empties; what comes is handled one
/// packet at a time, whichever transport brings it.
/// </summary>
internal sealed partial class EngineSession
{
    private readonly Func<ReadOnlyMemory<byte>, ValueTask> _receive;
    private readonly SocketIoOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TaskCompletionSource<SocketClose> _close = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _closeTimer;
    private bool _dropped;
    private bool _pongIsDue;
    private long _heartbeat;

    /// <summary>A session that has sent nothing yet.</summary>
    /// <param name="receive">Takes the contents of messages; its exceptions end the transport that brought them.</param>
    /// <param name="options">Bounds and times.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For what ends sessions.</param>
    internal EngineSession(
        Func<ReadOnlyMemory<byte>, ValueTask> receive, SocketIoOptions options, TimeProvider time, ILogger logger)
    {
        _receive = receive;
        _options = options;
        _time = time;
        _logger = logger;
        _heartbeat = time.GetTimestamp();
        Outbox = new Outbox(options.OutboxBytes, options.OutboxFrames);
    }

    /// <summary>For logs.</summary>
    internal long Id { get; } = SocketIds.Next();

    /// <summary>What the client's requests carry; a secret between it and us.</summary>
    internal string Sid { get; } = EngineIds.New();

    internal Outbox Outbox { get; }

    /// <summary>Completes when the session begins to close; nothing is handled any more.</summary>
    internal Task Closing => _close.Task;

    /// <summary>Completes when the client has taken the end, or had its time to do so.</summary>
    internal Task Ended => _ended.Task;

    internal bool IsClosing => _close.Task.IsCompleted;

    /// <summary>Queues a packet; never waits. A packet that does not fit ends the session.</summary>
    internal bool Send(ReadOnlyMemory<byte> packet) =>
        Outbox.Send(packet, waitingBytes => BeginClose(SocketClose.Slow(waitingBytes), drop: true));

    /// <summary>The first packet of every session.</summary>
    internal void SendOpen(string upgrades) => Send(Encoding.ASCII.GetBytes(
        $$"""0{"sid":"{{Sid}}","upgrades":[{{upgrades}}],"pingInterval":{{Milliseconds(_options.PingInterval)}},"pingTimeout":{{Milliseconds(_options.PingTimeout)}},"maxPayload":{{_options.MaxPayload}}}"""));

    /// <summary>Handles one packet, after those that came before.</summary>
    internal async ValueTask ReceiveAsync(ReadOnlyMemory<byte> packet)
    {
        await _turn.WaitAsync();
        try
        {
            if (!IsClosing)
            {
                await HandleAsync(packet);
            }
            else if (TypeOf(packet) == EnginePackets.Close)
            {
                CloseByClient();
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>
    /// Starts closing, once: nothing is accepted or handled any more, and the client has the close timeout to take what waits.
    /// </summary>
    /// <param name="close">What the client is told if it is on WebSocket.</param>
    /// <param name="drop">Whether what waits to be sent is dropped rather than sent first.</param>
    internal void BeginClose(SocketClose close, bool drop)
    {
        EngineWebSocket? carrier;
        lock (_gate)
        {
            if (!_close.TrySetResult(close))
            {
                return;
            }

            _dropped = drop;
            carrier = _attached ? _webSocket : null;
            if (carrier is null)
            {
                Outbox.Complete(drop);
                _closeTimer = _time.CreateTimer(
                    static session => ((EngineSession)session!).Abort(), this, _options.CloseTimeout, Timeout.InfiniteTimeSpan);
            }
        }

        if (close.Cause == SocketCloseCause.SlowConsumer && carrier is null)
        {
            Log.Slow(_logger, Id, close.Reason);
        }

        Log.Closing(_logger, Id, (int)close.Status, close.Reason);
        carrier?.Connection.BeginClose(close, drop);
        EndIfNobodyWaits();
    }

    /// <summary>Ends the connection without another word.</summary>
    internal void Abort()
    {
        EngineWebSocket? carrier;
        lock (_gate)
        {
            carrier = _webSocket;
            AbortPoll();
        }

        carrier?.Connection.Abort();
        End();
    }

    /// <summary>Asks for a sign of life, or ends a session that gave none, or an upgrade that came to nothing.</summary>
    internal void Sweep()
    {
        SweepProbe();
        var heartbeat = Volatile.Read(ref _heartbeat);
        var due = Volatile.Read(ref _pongIsDue) ? _options.PingTimeout : _options.PingInterval;
        if (IsClosing || _time.GetElapsedTime(heartbeat) < due)
        {
            return;
        }

        if (!Volatile.Read(ref _pongIsDue))
        {
            Volatile.Write(ref _heartbeat, _time.GetTimestamp());
            Volatile.Write(ref _pongIsDue, true);
            Send(EnginePackets.PingPacket);
        }
        else if (_turn.CurrentCount == 0)
        {
            // The pong may well have come: nothing is read while a packet is handled, and that is not the client's doing.
            Volatile.Write(ref _heartbeat, _time.GetTimestamp());
        }
        else
        {
            BeginClose(EngineClose.PingTimeout, drop: true);
        }
    }

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static byte TypeOf(ReadOnlyMemory<byte> packet) => packet.IsEmpty ? default : packet.Span[0];

    // The rules for each type are those of engine.io's own server.
    private ValueTask HandleAsync(ReadOnlyMemory<byte> packet)
    {
        switch (TypeOf(packet))
        {
            case EnginePackets.Message:
                return _receive(packet[1..]);
            case EnginePackets.Pong:
                Volatile.Write(ref _pongIsDue, false);
                Volatile.Write(ref _heartbeat, _time.GetTimestamp());
                break;
            case EnginePackets.Close:
                CloseByClient();
                break;
            case EnginePackets.Open or EnginePackets.Upgrade or EnginePackets.Noop:
                break;
            case EnginePackets.Ping:
                BeginClose(EngineClose.Malformed("pings are the server's to send"), drop: true);
                break;
            default:
                BeginClose(EngineClose.Malformed("this is no Engine.IO packet of text"), drop: true);
                break;
        }

        return ValueTask.CompletedTask;
    }

    private void End()
    {
        lock (_gate)
        {
            _ended.TrySetResult();
            _closeTimer?.Dispose();
        }

        CloseProbe(EngineClose.SessionEnded);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Session {SocketId} is closing: {Status} {Reason}")]
        internal static partial void Closing(ILogger logger, long socketId, int status, string reason);

        [LoggerMessage(2, LogLevel.Warning, "Session {SocketId} does not poll and is cut: {Reason}")]
        internal static partial void Slow(ILogger logger, long socketId, string reason);
    }
}
