using Levee.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

/// <summary>What a store says of itself, and how it finds out that it works again.</summary>
public sealed class SqliteHealthTests : IAsyncDisposable
{
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(10);

    private readonly TemporaryDatabase _database = new();
    private SqliteDocumentStore? _store;

    private SqliteDocumentStore Store => _store!;

    public async ValueTask DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }

        _database.Dispose();
    }

    [Fact]
    public async Task A_store_that_works_has_no_trouble_whatever_it_is_asked()
    {
        await OpenAsync();
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.Equal(AppendOutcome.Fenced, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.Null(await Store.FindDocumentAsync(new("acme", "nothing"), Some.Token));
        Assert.Null(Store.Trouble);
    }

    [Fact]
    public async Task A_full_disk_is_trouble_until_something_was_written()
    {
        await OpenAsync();
        await Store.LimitPagesAsync(_database.Read("PRAGMA page_count"));
        var failure = await Assert.ThrowsAsync<StorageException>(async () => await Store.AppendAsync(Big, Some.Token));
        Assert.Equal(StorageFault.Full, failure.Fault);
        Assert.Equal(StorageFault.Full, Store.Trouble!.Fault);
        Assert.Contains("full", Store.Trouble.Reason, StringComparison.Ordinal);

        // Transactions that find nothing to write succeed on a full disk too.
        Assert.Equal(AppendOutcome.Fenced, await Store.AppendAsync(Some.Append(5, 1), Some.Token));
        await Store.LimitPagesAsync(1 << 20);
        Assert.Equal(StorageFault.Full, Store.Trouble!.Fault);

        await Store.AppendAsync(Big, Some.Token);
        Assert.Null(Store.Trouble);
    }

    [Fact]
    public async Task A_store_finds_out_by_itself_that_it_can_write_again()
    {
        await OpenAsync(options =>
        {
            options.BusyTimeout = TimeSpan.Zero;
            options.ProbeInterval = TimeSpan.FromMilliseconds(20);
        });
        using var holder = Hold();
        await Assert.ThrowsAsync<StorageException>(async () => await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.Equal(StorageFault.Busy, Store.Trouble!.Fault);
        var since = Store.Trouble.Since;

        // Each try fails like the first one, and is no news.
        await UntilAsync(() => Store.Metrics.FailedWrites >= 3);
        Assert.Equal((StorageFault.Busy, since), (Store.Trouble!.Fault, Store.Trouble.Since));

        TemporaryDatabase.Execute(holder, "ROLLBACK");
        await UntilAsync(() => Store.Trouble is null);
        Assert.Equal(SchemaMigrator.Latest, _database.Read("PRAGMA user_version"));
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
    }

    [Fact]
    public async Task A_store_in_trouble_can_be_closed()
    {
        await OpenAsync(options => options.BusyTimeout = TimeSpan.Zero);
        using (Hold())
        {
            await Assert.ThrowsAsync<StorageException>(async () => await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        }

        await Store.DisposeAsync();
    }

    [Fact]
    public async Task A_write_that_takes_too_long_is_trouble_while_it_lasts()
    {
        await OpenAsync(options =>
        {
            options.BusyTimeout = Never;
            options.StallTimeout = TimeSpan.FromMilliseconds(20);
        });
        using var holder = Hold();
        var append = Store.AppendAsync(Some.Append(1, 1), Some.Token).AsTask();
        await UntilAsync(() => Store.Trouble is not null);
        Assert.Equal(StorageFault.Stalled, Store.Trouble!.Fault);
        Assert.Contains("waiting for the disk", Store.Trouble.Reason, StringComparison.Ordinal);
        Assert.False(append.IsCompleted);

        TemporaryDatabase.Execute(holder, "ROLLBACK");
        Assert.Equal(AppendOutcome.Appended, await append);
        await UntilAsync(() => Store.Trouble is null);
    }

    [Fact]
    public async Task What_is_damaged_stays_trouble_and_names_no_document()
    {
        await OpenAsync();
        await Store.AppendAsync(Some.Append(1, 3), Some.Token);
        _database.Execute("DELETE FROM ops WHERE sn = 2");

        var failure = await Assert.ThrowsAsync<StorageException>(async () => await Store.ReadAllAsync());
        Assert.Equal(StorageFault.Damaged, failure.Fault);
        Assert.Equal(StorageFault.Damaged, Store.Trouble!.Fault);
        Assert.DoesNotContain(Some.Key.DocumentId, Store.Trouble.Reason, StringComparison.Ordinal);

        await Store.AppendAsync(Some.Append(4, 1), Some.Token);
        Assert.Equal(StorageFault.Damaged, Store.Trouble!.Fault);
    }

    [Fact]
    public async Task A_read_that_fails_is_trouble_until_the_disk_has_taken_a_write()
    {
        await OpenAsync(options => options.BusyTimeout = Never);
        // Only the writer's connection is open by now: one that is opened for reading does not find the file.
        File.Move(_database.Path, _database.Path + ".away");
        var failure = await Assert.ThrowsAsync<StorageException>(async () => await Store.FindDocumentAsync(Some.Key, Some.Token));
        Assert.Equal(StorageFault.Unreachable, failure.Fault);

        File.Move(_database.Path + ".away", _database.Path);
        await UntilAsync(() => Store.Trouble is null);
        Assert.NotNull(await Store.FindDocumentAsync(Some.Key, Some.Token));
    }

    private static AppendRequest Big => Some.Append(1, 50, text: new string('x', 4000));

    private async Task OpenAsync(Action<SqliteOptions>? configure = null)
    {
        var options = _database.Options;
        options.ProbeInterval = options.StallTimeout = Never;
        configure?.Invoke(options);
        _store = SqliteDocumentStore.Open(options);
        await _store.CreateDocumentAsync(Some.Document(), Some.Token);
    }

    private SqliteConnection Hold()
    {
        var holder = _database.Connect();
        TemporaryDatabase.Execute(holder, "BEGIN IMMEDIATE");
        return holder;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Some.Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
