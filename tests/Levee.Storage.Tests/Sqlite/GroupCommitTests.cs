using Levee.Protocol;
using Levee.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

public sealed class GroupCommitTests : IAsyncDisposable
{
    private readonly TemporaryDatabase _database = new();
    private SqliteDocumentStore _store;

    public GroupCommitTests() => _store = _database.Open();

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task What_waits_together_is_committed_together()
    {
        await CreateAsync(100);
        var before = _store.Metrics.CommittedGroups;

        var outcomes = await Task.WhenAll(Together(100, n => Some.Append(1, 3, Key(n))));

        Assert.All(outcomes, outcome => Assert.Equal(AppendOutcome.Appended, outcome));
        // The first may have been taken alone, before the others came.
        Assert.InRange(_store.Metrics.CommittedGroups - before, 1, 2);
    }

    [Fact]
    public async Task A_conflict_in_a_group_fails_alone()
    {
        await CreateAsync(20);

        var outcomes = await Task.WhenAll(Together(20, n => Some.Append(n % 2 == 0 ? 1 : 2, 1, Key(n))));

        Assert.Equal(Enumerable.Range(0, 20).Select(n => n % 2 == 0 ? AppendOutcome.Appended : AppendOutcome.Fenced), outcomes);
        for (var n = 0; n < 20; n++)
        {
            Assert.Equal(n % 2 == 0 ? 1 : 0, (await _store.ReadAllAsync(Key(n))).Count);
        }
    }

    [Fact]
    public async Task A_write_that_the_database_refuses_takes_no_other_down()
    {
        await CreateAsync(20);
        _database.Execute("""
            CREATE TRIGGER refuse BEFORE INSERT ON ops WHEN instr(CAST(new.json AS TEXT), 'poison') > 0 AND new.sn = 2
            BEGIN SELECT RAISE(ABORT, 'refused'); END
            """);

        var appends = Together(20, n => Some.Append(1, 3, Key(n), n == 7 ? "poison" : "x"));

        var failure = await Assert.ThrowsAsync<StorageException>(() => appends[7]);
        Assert.Contains("refused", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await _store.ReadAllAsync(Key(7))).Count);
        foreach (var n in Enumerable.Range(0, 20).Where(n => n != 7))
        {
            Assert.Equal(AppendOutcome.Appended, await appends[n]);
            Assert.Equal(3, (await _store.ReadAllAsync(Key(n))).Count);
        }
    }

    [Fact]
    public async Task A_commit_that_fails_fails_its_whole_group_and_the_store_recovers()
    {
        await CreateAsync(10);
        // A violated deferred key is found by COMMIT itself, after every write of the group went well.
        _database.Execute("""
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER orphan AFTER INSERT ON ops BEGIN INSERT INTO child VALUES (1); END
            """);

        var appends = Together(10, n => Some.Append(1, 2, Key(n)));

        foreach (var append in appends)
        {
            await Assert.ThrowsAsync<StorageException>(() => append);
        }

        for (var n = 0; n < 10; n++)
        {
            Assert.Equal(0, (await _store.ReadAllAsync(Key(n))).Count);
        }

        _database.Execute("DROP TRIGGER orphan");
        Assert.Equal(AppendOutcome.Appended, await _store.AppendAsync(Some.Append(1, 2, Key(0)), Some.Token));
        Assert.Equal(2, (await _store.ReadAllAsync(Key(0))).Count);
    }

    [Fact]
    public async Task A_full_disk_fails_the_write_and_the_store_goes_on_when_there_is_room()
    {
        await CreateAsync(1);
        var pages = _database.Read("PRAGMA page_count");
        Assert.True(await _store.LimitPagesAsync(pages + 4));
        var big = Some.Append(1, 50, Key(0), new string('x', 4000));

        var failure = await Assert.ThrowsAsync<StorageException>(async () => await _store.AppendAsync(big, Some.Token));
        Assert.Contains("full", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await _store.ReadAllAsync(Key(0))).Count);

        await _store.LimitPagesAsync(1 << 20);
        Assert.Equal(AppendOutcome.Appended, await _store.AppendAsync(big, Some.Token));
    }

    [Fact]
    public async Task A_lock_held_too_long_by_another_process_is_named_and_nothing_is_kept()
    {
        await _store.DisposeAsync();
        var options = _database.Options;
        options.BusyTimeout = TimeSpan.Zero;
        _store = SqliteDocumentStore.Open(options);
        await CreateAsync(1);
        using var holder = _database.Connect();
        TemporaryDatabase.Execute(holder, "BEGIN IMMEDIATE");

        var failure = await Assert.ThrowsAsync<StorageException>(
            async () => await _store.AppendAsync(Some.Append(1, 1, Key(0)), Some.Token));

        Assert.Contains("another process", failure.Message, StringComparison.Ordinal);
        TemporaryDatabase.Execute(holder, "ROLLBACK");
        Assert.Equal(AppendOutcome.Appended, await _store.AppendAsync(Some.Append(1, 1, Key(0)), Some.Token));
    }

    [Fact]
    public async Task A_write_that_is_cancelled_while_it_waits_is_not_written()
    {
        await CreateAsync(3);
        using var cancellation = new CancellationTokenSource();
        var taken = _store.Metrics.TakenWrites;
        using var holder = Hold();
        var first = _store.AppendAsync(Some.Append(1, 1, Key(0)), Some.Token).AsTask();
        // The writer has taken the first, alone, and waits for the lock: whatever comes now waits in the queue.
        await UntilTaken(taken + 1);
        var cancelled = _store.AppendAsync(Some.Append(1, 1, Key(1)), cancellation.Token).AsTask();
        var last = _store.AppendAsync(Some.Append(1, 1, Key(2)), Some.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        TemporaryDatabase.Execute(holder, "ROLLBACK");

        Assert.Equal([AppendOutcome.Appended, AppendOutcome.Appended], await Task.WhenAll(first, last));
        Assert.Equal(0, (await _store.ReadAllAsync(Key(1))).Count);
    }

    [Fact]
    public async Task A_write_that_is_cancelled_once_taken_completes()
    {
        await CreateAsync(1);
        using var cancellation = new CancellationTokenSource();
        var taken = _store.Metrics.TakenWrites;
        using var holder = Hold();
        var append = _store.AppendAsync(Some.Append(1, 1, Key(0)), cancellation.Token).AsTask();
        await UntilTaken(taken + 1);

        await cancellation.CancelAsync();
        TemporaryDatabase.Execute(holder, "ROLLBACK");

        Assert.Equal(AppendOutcome.Appended, await append);
    }

    [Fact]
    public async Task A_full_queue_makes_callers_wait_and_loses_nothing()
    {
        await _store.DisposeAsync();
        var options = _database.Options;
        options.WriteQueueLength = 2;
        _store = SqliteDocumentStore.Open(options);
        await CreateAsync(50);

        var appends = Together(50, n => Some.Append(1, 1, Key(n)));

        Assert.All(await Task.WhenAll(appends), outcome => Assert.Equal(AppendOutcome.Appended, outcome));
    }

    [Fact]
    public async Task Disposing_commits_what_was_accepted()
    {
        await CreateAsync(50);
        List<Task<AppendOutcome>> appends;
        ValueTask disposal;
        using (var holder = Hold())
        {
            appends = [.. Enumerable.Range(0, 50).Select(n => _store.AppendAsync(Some.Append(1, 1, Key(n)), Some.Token).AsTask())];
            disposal = _store.DisposeAsync();
            TemporaryDatabase.Execute(holder, "ROLLBACK");
        }

        await disposal;
        Assert.All(await Task.WhenAll(appends), outcome => Assert.Equal(AppendOutcome.Appended, outcome));
        Assert.Equal(50, _database.Read("SELECT count(*) FROM ops"));
    }

    [Fact]
    public async Task Continuations_never_run_on_the_writer_thread()
    {
        await CreateAsync(1);
        var append = _store.AppendAsync(Some.Append(1, 1, Key(0)), Some.Token).AsTask();
        var name = await append.ContinueWith(
            _ => Thread.CurrentThread.Name, Some.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        Assert.NotEqual("levee-storage-writer", name);
    }

    private static DocumentKey Key(int n) => new("acme", $"document {n}");

    private async Task CreateAsync(int count)
    {
        for (var n = 0; n < count; n++)
        {
            await _store.CreateDocumentAsync(Some.Document(Key(n)), Some.Token);
        }
    }

    private SqliteConnection Hold()
    {
        var holder = _database.Connect();
        TemporaryDatabase.Execute(holder, "BEGIN IMMEDIATE");
        return holder;
    }

    // Starts all of them while the file is locked, so that they wait for the writer together.
    private List<Task<AppendOutcome>> Together(int count, Func<int, AppendRequest> request)
    {
        using var holder = Hold();
        var appends = Enumerable.Range(0, count).Select(n => _store.AppendAsync(request(n), Some.Token).AsTask()).ToList();
        TemporaryDatabase.Execute(holder, "ROLLBACK");
        return appends;
    }

    private async Task UntilTaken(long writes)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Some.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (_store.Metrics.TakenWrites < writes)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
