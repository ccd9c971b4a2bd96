namespace Levee.Testing;

/// <summary>How a <see cref="SocketIoClient"/> talks to the server.</summary>
public enum SocketIoTransport
{
    /// <summary>A WebSocket from the start.</summary>
    WebSocket,

    /// <summary>HTTP requests; <see cref="SocketIoClient.UpgradeAsync"/> moves to a WebSocket.</summary>
    Polling,
}
