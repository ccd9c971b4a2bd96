using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Levee.Storage.Sqlite;

/// <summary>
/// What the store's own reads and writes say about the disk. A failure counts until a commit succeeds; damage counts until the next
/// start, since no write that succeeds elsewhere mends it. May be used from any thread.
/// </summary>
internal sealed partial class SqliteHealth(TimeSpan stallTimeout, ILogger logger) : IStorageHealth
{
    private readonly Lock _gate = new();
    private StorageTrouble? _failure;
    private StorageTrouble? _damage;
    private long _commitStarted;

    /// <inheritdoc/>
    public StorageTrouble? Trouble => Volatile.Read(ref _damage) ?? Volatile.Read(ref _failure) ?? Stall();

    /// <summary>True while it is not known whether a write would succeed.</summary>
    public bool NeedsProbe => Volatile.Read(ref _failure) is not null;

    /// <summary>The writer has taken up a group.</summary>
    public void CommitBegins() => Volatile.Write(ref _commitStarted, Stopwatch.GetTimestamp());

    /// <summary>The group is committed, or has failed.</summary>
    public void CommitEnds() => Volatile.Write(ref _commitStarted, 0);

    /// <summary>A commit that had something to write has succeeded.</summary>
    public void Works()
    {
        if (!NeedsProbe)
        {
            return;
        }

        lock (_gate)
        {
            if (_failure is { } failure)
            {
                Volatile.Write(ref _failure, null);
                LogRecovered(logger, DateTimeOffset.UtcNow - failure.Since);
            }
        }
    }

    /// <summary>A read or a write has failed.</summary>
    /// <returns>True when this is news, and so worth a line in the log.</returns>
    public bool Failed(StorageException failure)
    {
        switch (failure.Fault)
        {
            case StorageFault.Other:
                return true;
            case StorageFault.Damaged:
                return Note(ref _damage, failure);
            default:
                return Note(ref _failure, failure);
        }
    }

    private bool Note(ref StorageTrouble? trouble, StorageException failure)
    {
        lock (_gate)
        {
            if (trouble?.Fault == failure.Fault)
            {
                return false;
            }

            // What we have found out ourselves names the document, which is nothing for whoever asks how the server is.
            var reason = failure.InnerException is null ? "Something that is stored is damaged; the server's log says where." : failure.Message;
            Volatile.Write(ref trouble, new StorageTrouble(failure.Fault, reason, trouble?.Since ?? DateTimeOffset.UtcNow));
            LogTrouble(logger, failure.Message);
            return true;
        }
    }

    private StorageTrouble? Stall()
    {
        var started = Volatile.Read(ref _commitStarted);
        if (started == 0 || Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < stallTimeout)
        {
            return null;
        }

        return new StorageTrouble(
            StorageFault.Stalled, $"A write has been waiting for the disk for {elapsed.TotalSeconds:F0} s.", DateTimeOffset.UtcNow - elapsed);
    }

    [LoggerMessage(20, LogLevel.Error, "Not ready: {Reason}")]
    private static partial void LogTrouble(ILogger logger, string reason);

    [LoggerMessage(21, LogLevel.Information, "Ready again, after {Duration}")]
    private static partial void LogRecovered(ILogger logger, TimeSpan duration);
}
