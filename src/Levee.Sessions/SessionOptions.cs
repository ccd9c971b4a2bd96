using System.ComponentModel.DataAnnotations;

namespace Levee.Sessions;

/// <summary>How live documents behave (section <c>Levee:Sessions</c>).</summary>
public sealed class SessionOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Levee:Sessions";

    /// <summary>A write client that has sent nothing for so long is made to leave, since it holds down the MSN. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan IdleClientTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>A document that nobody has been connected to for so long is unloaded. Default 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan IdleUnloadTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long no-ops are collected before the service tells clients of a new MSN. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan NoOpDelay { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>A checkpoint is written at least every so many messages: what a start after a crash may have to replay. Default 1000.</summary>
    [Range(1, 1_000_000)]
    public int CheckpointInterval { get; set; } = 1000;

    /// <summary>How many commands may wait for one document; senders beyond it wait. Default 1024.</summary>
    [Range(1, 1_000_000)]
    public int MailboxCapacity { get; set; } = 1024;

    /// <summary>How many bytes of ops and signals may wait for one document; senders beyond it wait. Default 8 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int MailboxBytes { get; set; } = 8 << 20;

    /// <summary>How many bytes of messages are committed together at the most. Default 4 MiB.</summary>
    [Range(1024, 1 << 30)]
    public int MaxBatchBytes { get; set; } = 4 << 20;

    /// <summary>How many bytes of recent messages a live document keeps in memory for those who catch up. Default 1 MiB.</summary>
    [Range(0, 1 << 30)]
    public int RecentBytes { get; set; } = 1 << 20;

    /// <summary>How many bytes are read from the log at a time for a client that catches up. Default 512 KiB.</summary>
    [Range(1024, 1 << 26)]
    public int CatchUpPageBytes { get; set; } = 512 << 10;

    /// <summary>How many clients, readers included, may be connected to one document; more are refused with 429. Default 10000.</summary>
    [Range(1, 1_000_000)]
    public int MaxConnectionsPerDocument { get; set; } = 10_000;

    /// <summary>
    /// How many messages may follow what the last acknowledged summary covers before ops are nacked (429, ThrottlingError) until there is a newer
    /// one; a submission that begins below is taken whole. Default 0: without bound.
    /// </summary>
    [Range(0, 10_000_000)]
    public int MaxOpsSinceSummary { get; set; }

    /// <summary>
    /// Whether the service commits a summary of its own when the last write client has left: the last one, with the messages since then beside it,
    /// so that who loads the document next finds them in one request. Default false.
    /// </summary>
    public bool ServiceSummary { get; set; }

    /// <summary>How long after the last write client has left that is done. Default 2 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "1.00:00:00")]
    public TimeSpan ServiceSummaryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Create a document when a client connects to one that does not exist, as the original Levee did. Default false: the client is
    /// told that there is no such document.
    /// </summary>
    public bool CreateOnConnect { get; set; }
}
