namespace Levee.Gateway.Phoenix;

/// <summary>What a Phoenix socket may cost. Configuration section <see cref="Section"/>; checked at start.</summary>
public sealed class PhoenixOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:Phoenix";

    /// <summary>
    /// The largest message accepted, in bytes; a larger one closes the socket with 1009 before it is parsed. 4 MiB by
    /// default: four times the megabyte within which Fluid's runtime keeps a batch, so that an op that is too large
    /// arrives, and can be nacked by name. A socket that is receiving holds up to twice this much.
    /// </summary>
    public int MaxFrameBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// The deepest nesting accepted, counting the frame's own array or object; deeper closes the socket with 1007. The default
    /// is the one of System.Text.Json, so that whoever reads a payload with default settings can read it.
    /// </summary>
    public int MaxDepth { get; set; } = 64;

    /// <summary>How many channels one socket may have open; a join beyond it is answered with <c>too_many_topics</c>.</summary>
    public int MaxTopicsPerSocket { get; set; } = 256;

    /// <summary>
    /// How many bytes may wait to be sent on one socket; beyond it the reader is too slow and is cut with 1013. One frame is
    /// always taken when nothing waits, however large.
    /// </summary>
    public long OutboxBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>How many frames may wait to be sent on one socket; beyond it the reader is too slow and is cut with 1013.</summary>
    public int OutboxFrames { get; set; } = 16 * 1024;

    /// <summary>How long a socket may be silent before it is closed. Phoenix clients send a heartbeat every 30 s.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer has to take the close frame and answer it before the connection is aborted.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
