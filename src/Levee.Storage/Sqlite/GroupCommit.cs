using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Levee.Storage.Sqlite;

/// <summary>
/// The one writer. Its thread drains everything that waits into one transaction, so that the price of a commit, a flush of the
/// disk, is shared by as many writes as came while the last one was flushed. A write is completed after the commit that holds it.
/// </summary>
internal sealed partial class GroupCommit : IAsyncDisposable
{
    private readonly SqliteWriter _writer;
    private readonly StorageMetrics _metrics;
    private readonly SqliteHealth _health;
    private readonly ILogger _logger;
    private readonly int _maxBytes;
    private readonly TimeSpan _probeInterval;
    private readonly Channel<PendingWrite> _queue;
    private readonly List<PendingWrite> _group = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupCommit(SqliteWriter writer, SqliteOptions options, StorageMetrics metrics, SqliteHealth health, ILogger logger)
    {
        _writer = writer;
        _metrics = metrics;
        _health = health;
        _logger = logger;
        _maxBytes = options.MaxGroupBytes;
        _probeInterval = options.ProbeInterval;
        _queue = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.WriteQueueLength)
        {
            SingleReader = true,
            FullMode = BoundedChannelFullMode.Wait,
        });
        new Thread(Run) { Name = "levee-storage-writer", IsBackground = true }.Start();
    }

    /// <summary>Queues a write, waiting for room. Completes when it is committed; cancellation counts until the writer takes it.</summary>
    public ValueTask<T> WriteAsync<T>(Func<SqliteWriter, T> apply, int bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        var write = new PendingWrite<T>(apply, bytes);
        write.CancelBy(cancellationToken);
        return _queue.Writer.TryWrite(write) ? new ValueTask<T>(write.Task) : WaitForRoomAsync(write, cancellationToken);
    }

    /// <summary>Wakes the writer to find out whether the disk takes writes; with a full queue it is about to find out anyway.</summary>
    public void Probe() => _queue.Writer.TryWrite(new ProbeWrite());

    /// <summary>Commits what was accepted, accepts no more, and ends the thread.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stopped.Task;
    }

    private async ValueTask<T> WaitForRoomAsync<T>(PendingWrite<T> write, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteDocumentStore));
        }

        return await write.Task;
    }

    private void Run()
    {
        while (WaitForWork())
        {
            TakeGroup();
            _metrics.Taken(_group.Count);
            if (_group.Count > 0)
            {
                Commit();
            }

            _group.Clear();
        }

        _stopped.SetResult();
    }

    /// <summary>Waits for writes. While the last one failed it finds out by itself, now and then, whether writing works again.</summary>
    /// <returns>False when no more will come.</returns>
    private bool WaitForWork()
    {
        var readable = _queue.Reader.WaitToReadAsync().AsTask();
        while (_health.NeedsProbe && !readable.Wait(_probeInterval))
        {
            _group.Add(new ProbeWrite());
            Commit();
            _group.Clear();
        }

        return readable.GetAwaiter().GetResult();
    }

    private void TakeGroup()
    {
        var bytes = 0L;
        while (bytes < _maxBytes && _queue.Reader.TryRead(out var write))
        {
            if (write.TryTake())
            {
                _group.Add(write);
                bytes += write.Bytes;
            }
        }
    }

    private void Commit()
    {
        var failure = Transact(_group, out var applying);
        if (failure is null)
        {
            return;
        }

        if (applying && _group.Count > 1 && !SqliteErrors.IsOfTheDisk(failure))
        {
            // One of them cannot be written, and SQLite does not say which: alone, it takes no other down.
            LogSplitting(_logger, _group.Count, failure);
            foreach (var write in _group)
            {
                if (Transact([write], out _) is { } cause)
                {
                    Fail([write], cause);
                }
            }

            return;
        }

        Fail(_group, failure);
    }

    // The loop's one catch-all: whatever goes wrong is an answer to those who wait, and the next group starts afresh.
    private Exception? Transact(List<PendingWrite> writes, out bool applying)
    {
        applying = false;
        var started = Stopwatch.GetTimestamp();
        _health.CommitBegins();
        try
        {
            _writer.RollBack();
            _writer.Begin();
            applying = true;
            foreach (var write in writes)
            {
                write.Apply(_writer);
            }

            applying = false;
            _writer.Commit();
        }
        catch (Exception failure)
        {
            TryRollBack();
            return failure;
        }
        finally
        {
            _health.CommitEnds();
        }

        if (_writer.HasWritten)
        {
            _health.Works();
        }

        _metrics.Committed(writes.Count, Stopwatch.GetElapsedTime(started));
        foreach (var write in writes)
        {
            write.Complete();
        }

        return null;
    }

    private void TryRollBack()
    {
        try
        {
            _writer.RollBack();
        }
        catch (Exception failure)
        {
            // Tried again before the next group, whose writes fail with the reason if it still does not work.
            LogRollbackFailed(_logger, failure);
        }
    }

    private void Fail(List<PendingWrite> writes, Exception failure)
    {
        _metrics.Failed(writes.Count);
        var explained = SqliteErrors.Explain("The write was not kept", failure);
        // A full disk is told once, not for each of a thousand writes: the log may be on it.
        LogFailed(_logger, _health.Failed(explained) ? LogLevel.Error : LogLevel.Debug, writes.Count, failure);
        foreach (var write in writes)
        {
            write.Fail(explained);
        }
    }

    [LoggerMessage(EventId = 1, Message = "{Count} writes failed and nothing of them was kept")]
    private static partial void LogFailed(ILogger logger, LogLevel level, int count, Exception failure);

    [LoggerMessage(2, LogLevel.Warning, "A group of {Count} writes failed; each is tried alone")]
    private static partial void LogSplitting(ILogger logger, int count, Exception failure);

    [LoggerMessage(3, LogLevel.Error, "Rolling back failed; it is tried again before the next write")]
    private static partial void LogRollbackFailed(ILogger logger, Exception failure);
}
