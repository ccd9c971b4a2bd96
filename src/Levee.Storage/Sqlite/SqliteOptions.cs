using System.ComponentModel.DataAnnotations;

namespace Levee.Storage.Sqlite;

/// <summary>Settings of the SQLite store, section <see cref="Section"/>.</summary>
public sealed class SqliteOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Levee:Storage";

    /// <summary>The usual name of the file, within the data directory.</summary>
    public const string FileName = "levee.db";

    /// <summary>The database file. Its directory is created; beside it SQLite keeps <c>-wal</c> and <c>-shm</c> while it is open.</summary>
    [Required]
    public string Path { get; set; } = "";

    /// <summary>When an acknowledged write is on the disk; see <see cref="SqliteSynchronous"/> for what each level can lose.</summary>
    [EnumDataType(typeof(SqliteSynchronous))]
    public SqliteSynchronous Synchronous { get; set; } = SqliteSynchronous.Full;

    /// <summary>How many writes may wait for the writer; further callers wait for room.</summary>
    [Range(1, 1_000_000)]
    public int WriteQueueLength { get; set; } = 4096;

    /// <summary>About how many bytes one transaction may carry before the rest waits for the next one.</summary>
    [Range(1, 1 << 30)]
    public int MaxGroupBytes { get; set; } = 8 << 20;

    /// <summary>How many reads run at a time, each on a connection of its own; further callers wait.</summary>
    [Range(1, 256)]
    public int ReadConnections { get; set; } = Math.Max(4, 2 * Environment.ProcessorCount);

    /// <summary>Page cache of the writer, in KiB.</summary>
    [Range(64, 1 << 24)]
    public int WriteCacheKiB { get; set; } = 32 << 10;

    /// <summary>Page cache of each read connection, in KiB.</summary>
    [Range(64, 1 << 24)]
    public int ReadCacheKiB { get; set; } = 4 << 10;

    /// <summary>How long to wait while another process holds the file's write lock.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a store whose last write failed tries by itself whether writing works again. Default 1 second.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A write that takes longer makes the store count as stalled until it ends. Default 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Throws an <see cref="ArgumentException"/> that names the first key that is out of its range.</summary>
    public void Validate()
    {
        var problems = new List<ValidationResult>();
        if (!Validator.TryValidateObject(this, new ValidationContext(this), problems, validateAllProperties: true))
        {
            throw new ArgumentException(
                $"{Section}:{problems[0].MemberNames.FirstOrDefault()}: {problems[0].ErrorMessage}");
        }
    }
}
