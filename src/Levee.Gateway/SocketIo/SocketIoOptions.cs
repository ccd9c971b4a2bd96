namespace Levee.Gateway.SocketIo;

/// <summary>
/// What a Socket.IO client may cost, and when it is taken for dead. Configuration section <see cref="Section"/>; checked at start. The
/// defaults that clients are told are those of the protocol's reference server.
/// </summary>
public sealed class SocketIoOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:SocketIo";

    /// <summary>How long after a sign of life the server asks for the next one. Told to clients.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(25);

    /// <summary>How long the answer may take before the session ends. Told to clients.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The largest WebSocket message and the largest body of a POST, in bytes; a larger one closes the socket with 1009, or is
    /// answered 413. Told to clients.
    /// </summary>
    public int MaxPayload { get; set; } = 1_000_000;

    /// <summary>The deepest nesting of an event's JSON that is accepted, its own array included; deeper ends the session.</summary>
    public int MaxDepth { get; set; } = 64;

    /// <summary>
    /// How many bytes may wait to be sent to one client; beyond it the reader is too slow and is cut. One packet is always taken
    /// when nothing waits, however large.
    /// </summary>
    public long OutboxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many packets may wait to be sent to one client; beyond it the reader is too slow and is cut.</summary>
    public int OutboxFrames { get; set; } = 16 * 1024;

    /// <summary>How many sessions may be open at once; a handshake beyond it is answered 503. A polling session holds no connection.</summary>
    public int MaxSessions { get; set; } = 100_000;

    /// <summary>
    /// How long a session may be without a connected namespace, and after that without a connected document, before it is closed.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How long a client has to complete its upgrade from polling before the new WebSocket is closed; the session goes on.</summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client has to take the end of its session before its connection is aborted.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
