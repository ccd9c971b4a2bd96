using System.Net.WebSockets;
using Levee.Gateway.Sockets;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>
/// Why a session ends. Engine.IO has no place for reasons, so a client of polling sees only the end; on WebSocket the close frame names them.
/// </summary>
internal static class EngineClose
{
    internal static readonly SocketClose ByServer = new(WebSocketCloseStatus.NormalClosure, "");

    internal static readonly SocketClose PingTimeout = Broken("no pong came in time");

    internal static readonly SocketClose NoConnect = Broken("no namespace was connected in time");

    internal static readonly SocketClose NoUpgrade = Broken("the upgrade was not completed in time");

    internal static readonly SocketClose SessionEnded = Broken("the session has ended");

    internal static readonly SocketClose AlreadyUpgrading = Broken("the session is being upgraded by another socket");

    internal static readonly SocketClose AlreadyUpgraded = Broken("the session has a socket already");

    internal static SocketClose Malformed(string reason) => new(WebSocketCloseStatus.ProtocolError, reason);

    private static SocketClose Broken(string reason) => new(WebSocketCloseStatus.PolicyViolation, reason);
}
