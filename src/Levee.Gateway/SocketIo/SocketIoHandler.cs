namespace Levee.Gateway.SocketIo;

/// <summary>
/// What is behind one connected client. A new instance is made for every connect. The methods are never called concurrently; while
/// one runs, nothing more is read from the client, which is how a slow handler slows its own client only. An exception disconnects
/// the client, and nobody else.
/// </summary>
/// <param name="socket">The way to the client.</param>
public abstract class SocketIoHandler(SocketIoSocket socket)
{
    /// <summary>The way to the client; usable from any thread, also after it has ended.</summary>
    protected SocketIoSocket Socket { get; } = socket;

    /// <summary>Takes one event. Nothing is acknowledged unless the handler calls <see cref="SocketIoSocket.Acknowledge"/>.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="packet">The packet's JSON array in valid UTF-8, the event's name being its first element; the handler's to keep.</param>
    /// <param name="acknowledgementId">What an acknowledgement must carry; null when the client wants none.</param>
    public abstract ValueTask HandleAsync(string eventName, ReadOnlyMemory<byte> packet, long? acknowledgementId);

    /// <summary>The client has disconnected, or its session has ended for whatever reason; called exactly once.</summary>
    public abstract ValueTask LeaveAsync();
}
