using Levee.Protocol;
using Levee.Storage.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

public sealed class SqliteDocumentStoreTests : DocumentStoreContractTests
{
    private readonly TemporaryDatabase _database = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _database.Dispose();
    }

    protected override ValueTask<IDocumentStore> OpenAsync() => new(_database.Open());

    [Fact]
    public async Task Two_stores_on_one_file_fence_each_other()
    {
        await using var other = _database.Open();
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        Assert.False(await other.CreateDocumentAsync(Some.Document(), Some.Token));

        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 1, text: "one"), Some.Token));
        Assert.Equal(AppendOutcome.Fenced, await other.AppendAsync(Some.Append(1, 1, text: "two"), Some.Token));
        Assert.Equal(AppendOutcome.Appended, await other.AppendAsync(Some.Append(2, 1), Some.Token));
        Assert.Equal(AppendOutcome.Fenced, await Store.AppendAsync(Some.Append(2, 1), Some.Token));
        Assert.Equal(Some.Text(await other.ReadAllAsync()), Some.Text(await Store.ReadAllAsync()));
    }

    [Fact]
    public async Task Two_stores_that_race_keep_one_log_without_gap_or_repeat()
    {
        await using var other = _database.Open();
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);

        var kept = await Task.WhenAll(RaceAsync(Store, "one"), RaceAsync(other, "two"));

        var log = Some.Text(await Store.ReadAllAsync());
        Assert.Equal(string.Join(',', kept.SelectMany(own => own).OrderBy(op => op.Number).Select(op => op.Json)), log);
        Assert.Equal(200, (await other.ReadAllAsync()).Count);
    }

    [Fact]
    public async Task A_hole_in_the_log_is_named_and_never_skipped()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        await Store.AppendAsync(Some.Append(1, 9), Some.Token);
        foreach (var missing in new[] { 9, 5, 1 })
        {
            _database.Execute($"DELETE FROM ops WHERE sn = {missing}");
            var failure = await Assert.ThrowsAsync<StorageException>(async () => await Store.ReadAllAsync());
            Assert.Contains($"acme:plan is damaged: message {missing}", failure.Message, StringComparison.Ordinal);
        }

        // What lies between the holes is still served.
        Assert.Equal(Some.Text(Some.Batch(2, 3)), Some.Text(await Store.ReadDeltasAsync(Some.Key, 1, 4, 10, 1 << 20, Some.Token)));
    }

    [Fact]
    public async Task Reads_what_a_store_before_it_has_written()
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("head") }, Some.Token);
        await Store.AppendAsync(Some.Append(1, 3) with { Checkpoint = Some.Checkpoint(3) }, Some.Token);
        await Store.DisposeAsync();

        Assert.False(File.Exists(_database.Path + "-wal"));
        await using var again = _database.Open();

        Assert.Equal(Some.Text(Some.Batch(1, 3)), Some.Text(await again.ReadAllAsync()));
        Assert.Equal(3, (await again.ReadCheckpointAsync(Some.Key, Some.Token))!.SequenceNumber);
        Assert.Equal(AppendOutcome.Appended, await again.AppendAsync(Some.Append(4, 1), Some.Token));
    }

    [Fact]
    public async Task Reads_do_not_wait_for_a_writer()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        using var holder = _database.Connect();
        TemporaryDatabase.Execute(holder, "BEGIN IMMEDIATE");

        var append = Store.AppendAsync(Some.Append(1, 1), Some.Token).AsTask();
        Assert.NotNull(await Store.FindDocumentAsync(Some.Key, Some.Token));
        Assert.False(append.IsCompleted);

        TemporaryDatabase.Execute(holder, "ROLLBACK");
        Assert.Equal(AppendOutcome.Appended, await append);
    }

    [Fact]
    public async Task A_read_completes_on_the_callers_thread()
    {
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        var read = Store.FindDocumentAsync(Some.Key, Some.Token);
        Assert.True(read.IsCompletedSuccessfully);
        Assert.NotNull(await read);
    }

    [Fact]
    public async Task More_readers_than_connections_take_turns()
    {
        using var database = new TemporaryDatabase();
        var options = database.Options;
        options.ReadConnections = 1;
        await using var store = SqliteDocumentStore.Open(options);
        await store.CreateDocumentAsync(Some.Document(), Some.Token);
        await store.AppendAsync(Some.Append(1, 500), Some.Token);

        var counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ =>
            Task.Run(async () => (await store.ReadAllAsync()).Count, Some.Token)));

        Assert.All(counts, count => Assert.Equal(500, count));
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_no_key()
    {
        var broken = new DocumentKey("acme", "\uD800");
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.CreateDocumentAsync(Some.Document(broken), Some.Token));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.FindDocumentAsync(broken, Some.Token));
    }

    [Fact]
    public async Task A_disposed_store_says_so()
    {
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Store.AppendAsync(Some.Append(1, 1), Some.Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Store.FindDocumentAsync(Some.Key, Some.Token));
    }

    private static async Task<List<(long Number, string Json)>> RaceAsync(IDocumentStore store, string name)
    {
        var kept = new List<(long, string)>();
        while (true)
        {
            var number = (await store.FindDocumentAsync(Some.Key, Some.Token))!.LastSequenceNumber + 1;
            if (number > 200)
            {
                return kept;
            }

            if (await store.AppendAsync(Some.Append(number, 1, text: name), Some.Token) == AppendOutcome.Appended)
            {
                kept.Add((number, Some.Json(number, name)));
            }
        }
    }
}
