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
    private readonly ILogger _logger;
    private readonly int _maxBytes;
    private readonly Channel<PendingWrite> _queue;
    private readonly List<PendingWrite> _group = [];
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public GroupCommit(SqliteWriter writer, SqliteOptions options, StorageMetrics metrics, ILogger logger)
    {
        _writer = writer;
        _metrics = metrics;
        _logger = logger;
        _maxBytes = options.MaxGroupBytes;
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
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
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
        LogFailed(_logger, writes.Count, failure);
        var explained = SqliteErrors.Explain("The write was not kept", failure);
        foreach (var write in writes)
        {
            write.Fail(explained);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Count} writes failed and nothing of them was kept")]
    private static partial void LogFailed(ILogger logger, int count, Exception failure);

    [LoggerMessage(2, LogLevel.Warning, "A group of {Count} writes failed; each is tried alone")]
    private static partial void LogSplitting(ILogger logger, int count, Exception failure);

    [LoggerMessage(3, LogLevel.Error, "Rolling back failed; it is tried again before the next write")]
    private static partial void LogRollbackFailed(ILogger logger, Exception failure);
}
