using Levee.Gateway.SocketIo.EngineIo;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.SocketIo;

/// <summary>
/// One Socket.IO client that is connected to the default namespace. Every member may be used from any thread; nothing here blocks, and
/// after it has ended everything is a no-op.
/// </summary>
public sealed partial class SocketIoSocket
{
    private readonly EngineSession _session;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _aborted = new();
    private readonly Lock _gate = new();
    private SocketIoHandler? _handler;
    private Task? _end;

    internal SocketIoSocket(EngineSession session, ILogger logger)
    {
        _session = session;
        _logger = logger;
    }

    /// <summary>The id that the client knows it by, which is no secret. Another connect has another one.</summary>
    public string Id { get; } = EngineIds.New();

    /// <summary>Cancelled as soon as it ends, before <see cref="SocketIoHandler.LeaveAsync"/> is called.</summary>
    public CancellationToken Aborted => _aborted.Token;

    /// <summary>The number that logs know its session by.</summary>
    internal long SessionId => _session.Id;

    private bool HasEnded => Volatile.Read(ref _end) is not null;

    private string HandlerType => _handler?.GetType().Name ?? "none";

    /// <summary>Queues a packet of <see cref="SocketIoPackets"/>; never waits. A packet that does not fit cuts the client.</summary>
    /// <param name="packet">The bytes, which must never change; many sockets may share them.</param>
    /// <returns>False if it has ended, or this packet was one too many for a slow client.</returns>
    public bool Send(ReadOnlyMemory<byte> packet) => !HasEnded && _session.Send(packet);

    /// <summary>Acknowledges an event, without arguments.</summary>
    /// <param name="id">The id that came with the event.</param>
    public void Acknowledge(long id) => Send(SocketIoPackets.Acknowledgement(id));

    /// <summary>Sends what waits and then a disconnect, and closes; the client is free to connect again.</summary>
    /// <param name="reason">Why, for the log; must not hold contents or secrets.</param>
    public void Disconnect(string reason)
    {
        if (HasEnded || _session.IsClosing)
        {
            return;
        }

        Log.Disconnected(_logger, _session.Id, HandlerType, reason);
        Send(SocketIoPackets.Disconnect);
        _session.BeginClose(EngineClose.ByServer, drop: false);
    }

    /// <summary>
    /// For those who send much at once and can wait: the socket's turn to do so, once less than half of the outbox is taken. Packets
    /// that cannot wait are still sent meanwhile. Dispose it when what was to be sent is sent.
    /// </summary>
    /// <returns>Null if the socket is closing, and sending is of no use any more.</returns>
    public ValueTask<IDisposable?> TakeTurnAsync(CancellationToken ct) => _session.Outbox.TakeTurnAsync(ct);

    /// <summary>Makes the handler, unless it has ended. If that fails there is nobody to be told of the end.</summary>
    internal async ValueTask OpenAsync(Func<SocketIoSocket, SocketIoHandler> create)
    {
        await _turn.WaitAsync();
        try
        {
            _handler = HasEnded ? null : create(this);
        }
        catch (Exception e)
        {
            Log.Crashed(_logger, _session.Id, HandlerType, "its constructor", e.GetType().Name, e.StackTrace);
            Disconnect("it could not be made");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the handler one event, unless it has ended.</summary>
    internal async ValueTask HandleAsync(string eventName, ReadOnlyMemory<byte> packet, long? acknowledgementId)
    {
        await _turn.WaitAsync();
        try
        {
            if (!HasEnded)
            {
                await _handler!.HandleAsync(eventName, packet, acknowledgementId);
            }
        }
        catch (Exception e)
        {
            // What a handler throws while it is being ended, cancellation above all, is part of the end.
            if (!Aborted.IsCancellationRequested)
            {
                Log.Crashed(_logger, _session.Id, HandlerType, "an event", e.GetType().Name, e.StackTrace);
                Disconnect("it crashed");
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Cancels what the handler does, waits for it, and tells it that it has ended. Once: whoever asks again waits for the same end.</summary>
    internal Task EndAsync()
    {
        lock (_gate)
        {
            return _end ??= LeaveAsync();
        }
    }

    private async Task LeaveAsync()
    {
        // Not while the gate is held, and not before everybody sees that it has ended.
        await Task.Yield();
        await _aborted.CancelAsync();
        await _turn.WaitAsync();
        try
        {
            await (_handler?.LeaveAsync() ?? ValueTask.CompletedTask);
        }
        catch (Exception e)
        {
            Log.Crashed(_logger, _session.Id, HandlerType, "leave", e.GetType().Name, e.StackTrace);
        }
        finally
        {
            _turn.Release();
        }
    }

    private static partial class Log
    {
        // Messages of exceptions may quote contents, so a crash is told by its type and place only.
        [LoggerMessage(1, LogLevel.Error, "Socket {SocketId}: {HandlerType} crashed in {Step}: {ErrorType}\n{Stack}")]
        internal static partial void Crashed(
            ILogger logger, long socketId, string handlerType, string step, string errorType, string? stack);

        [LoggerMessage(2, LogLevel.Information, "Socket {SocketId}: {HandlerType} disconnected its client: {Reason}")]
        internal static partial void Disconnected(ILogger logger, long socketId, string handlerType, string reason);
    }
}
