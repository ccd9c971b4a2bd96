using System.Collections.Concurrent;
using Levee.Gateway.SocketIo.EngineIo;
using Levee.Gateway.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.SocketIo;

/// <summary>The sessions of the process by their ids, each with the Socket.IO client that it carries.</summary>
internal sealed class SocketIoSessions(
    SocketIoHandlerFactory handlers,
    SocketRegistry registry,
    IServiceProvider services,
    IOptions<SocketIoOptions> options,
    TimeProvider time,
    ILogger<SocketIoSocket> logger)
{
    private readonly ConcurrentDictionary<string, EngineSession> _sessions = new(StringComparer.Ordinal);

    internal bool IsFull => _sessions.Count >= options.Value.MaxSessions;

    internal EngineSession? Find(string sid) => _sessions.GetValueOrDefault(sid);

    internal SocketIoConnection Create() =>
        new(socket => handlers.Create(services, socket), options.Value, time, logger);

    /// <summary>Serves a session from its first packet to its end.</summary>
    internal async Task RunAsync(SocketIoConnection connection)
    {
        _sessions[connection.Session.Sid] = connection.Session;
        try
        {
            await registry.RunAsync(connection);
        }
        finally
        {
            _sessions.TryRemove(connection.Session.Sid, out _);
        }
    }
}
