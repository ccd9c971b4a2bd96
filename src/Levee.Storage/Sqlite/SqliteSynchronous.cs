namespace Levee.Storage.Sqlite;

/// <summary>
/// When an acknowledged write is really on the disk. Killing the process loses nothing at any level; the levels differ in what a
/// crash of the machine or a power cut loses. At no level is a document left with a hole, except as said at <see cref="Off"/>.
/// </summary>
public enum SqliteSynchronous
{
    /// <summary>Every group of writes is flushed to the disk before it is acknowledged. A power cut loses nothing acknowledged.</summary>
    Full,

    /// <summary>
    /// The disk is flushed only when the log is folded into the file, every few megabytes. A power cut may lose the newest
    /// acknowledged writes, as if they had never happened, so that numbers that clients have seen are given again; the file stays sound.
    /// </summary>
    Normal,

    /// <summary>
    /// The disk is never flushed by us. A power cut may lose acknowledged writes and may damage the whole file. For tests and
    /// throw-away data.
    /// </summary>
    Off,
}
