using Levee.Gateway.SocketIo.EngineIo;
using Levee.Gateway.Sockets;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.SocketIo;

/// <summary>
/// Socket.IO over one Engine.IO session: packets to the <see cref="SocketIoSocket"/> of the default namespace, which is the only one.
/// What is to be done with which packet in which state is as with socket.io's own server.
/// </summary>
internal sealed class SocketIoConnection : IOpenSocket
{
    private readonly Func<SocketIoSocket, SocketIoHandler> _createHandler;
    private readonly SocketIoOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SocketIoSocket? _socket;
    private long _unconnectedSince;

    internal SocketIoConnection(
        Func<SocketIoSocket, SocketIoHandler> createHandler, SocketIoOptions options, TimeProvider time, ILogger logger)
    {
        _createHandler = createHandler;
        _options = options;
        _time = time;
        _logger = logger;
        _unconnectedSince = time.GetTimestamp();
        Session = new EngineSession(ReceiveAsync, options, time, logger);
    }

    internal EngineSession Session { get; }

    /// <inheritdoc/>
    public long Id => Session.Id;

    /// <inheritdoc/>
    public Task Completed => _completed.Task;

    /// <inheritdoc/>
    public async Task RunAsync()
    {
        await Session.Closing;
        SocketIoSocket? socket;
        lock (_gate)
        {
            socket = _socket;
        }

        if (socket is not null)
        {
            await socket.EndAsync();
        }

        await Session.Ended;
        _completed.TrySetResult();
    }

    /// <inheritdoc/>
    public void Shutdown(string reason)
    {
        lock (_gate)
        {
            _socket?.Send(SocketIoPackets.Disconnect);
        }

        Session.BeginClose(SocketClose.Shutdown(reason), drop: false);
    }

    /// <inheritdoc/>
    public void Abort() => Session.Abort();

    /// <inheritdoc/>
    public void Sweep()
    {
        Session.Sweep();
        bool isLate;
        lock (_gate)
        {
            isLate = _socket is null && _time.GetElapsedTime(_unconnectedSince) >= _options.ConnectTimeout;
        }

        if (isLate)
        {
            Session.BeginClose(EngineClose.NoConnect, drop: false);
        }
    }

    // The session calls this for one message at a time, and not any more when it is closing.
    private ValueTask ReceiveAsync(ReadOnlyMemory<byte> message)
    {
        if (!SocketIoPacket.TryRead(message, _options.MaxDepth, out var packet))
        {
            return Refuse("this is no Socket.IO packet");
        }

        return (packet.Type, packet.IsDefaultNamespace, _socket) switch
        {
            (SocketIoPacket.Connect, false, _) => RefuseNamespace(packet),
            (SocketIoPacket.Connect, true, null) => ConnectAsync(),
            (SocketIoPacket.Event, true, { } socket) => socket.HandleAsync(packet.EventName, packet.Data, packet.Id),
            (SocketIoPacket.Disconnect, true, { } socket) => DisconnectAsync(socket),
            (SocketIoPacket.Acknowledgement, true, not null) => ValueTask.CompletedTask,
            _ => Refuse("this packet does not fit the state of its namespace"),
        };
    }

    private async ValueTask ConnectAsync()
    {
        var socket = new SocketIoSocket(Session, _logger);
        lock (_gate)
        {
            // Once it closes, nobody would end the socket any more.
            if (Session.IsClosing)
            {
                return;
            }

            _socket = socket;
            socket.Send(SocketIoPackets.Connected(socket.Id));
        }

        await socket.OpenAsync(_createHandler);
    }

    private async ValueTask DisconnectAsync(SocketIoSocket socket)
    {
        await socket.EndAsync();
        lock (_gate)
        {
            _socket = null;
            _unconnectedSince = _time.GetTimestamp();
        }
    }

    private ValueTask RefuseNamespace(SocketIoPacket packet)
    {
        Session.Send(SocketIoPackets.InvalidNamespace(packet.Namespace.Span));
        return ValueTask.CompletedTask;
    }

    private ValueTask Refuse(string reason)
    {
        Session.BeginClose(EngineClose.Malformed(reason), drop: false);
        return ValueTask.CompletedTask;
    }
}
