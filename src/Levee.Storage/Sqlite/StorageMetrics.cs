using System.Diagnostics.Metrics;

namespace Levee.Storage.Sqlite;

/// <summary>What the store counts, as the meter <c>Levee.Storage</c>.</summary>
internal sealed class StorageMetrics : IDisposable
{
    private readonly Meter _meter = new("Levee.Storage");
    private readonly Counter<long> _commits;
    private readonly Counter<long> _writes;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _duration;
    private long _committedGroups;
    private long _takenWrites;
    private long _failedWrites;

    public StorageMetrics()
    {
        _commits = _meter.CreateCounter<long>("levee.storage.commits", "{transaction}", "Transactions committed");
        _writes = _meter.CreateCounter<long>("levee.storage.writes", "{write}", "Writes committed, many to a transaction");
        _failures = _meter.CreateCounter<long>("levee.storage.failed_writes", "{write}", "Writes that failed for a reason of the disk or the file");
        _duration = _meter.CreateHistogram<double>("levee.storage.commit.duration", "s", "From taking a group to its commit");
    }

    /// <summary>How many transactions this store has committed.</summary>
    public long CommittedGroups => Interlocked.Read(ref _committedGroups);

    /// <summary>How many writes the writer has taken from the queue; it counts a group when it has it whole.</summary>
    public long TakenWrites => Interlocked.Read(ref _takenWrites);

    /// <summary>How many writes have failed, tries after a failure included.</summary>
    public long FailedWrites => Interlocked.Read(ref _failedWrites);

    public void Taken(int writes) => Interlocked.Add(ref _takenWrites, writes);

    public void Committed(int writes, TimeSpan duration)
    {
        Interlocked.Increment(ref _committedGroups);
        _commits.Add(1);
        _writes.Add(writes);
        _duration.Record(duration.TotalSeconds);
    }

    public void Failed(int writes)
    {
        Interlocked.Add(ref _failedWrites, writes);
        _failures.Add(writes);
    }

    public void Dispose() => _meter.Dispose();
}
