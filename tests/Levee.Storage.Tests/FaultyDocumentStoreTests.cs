using Levee.Testing.Storage;

namespace Levee.Storage.Tests;

/// <summary>Without a fault it is the store below it; with one, nothing is kept.</summary>
public sealed class FaultyDocumentStoreTests : DocumentStoreContractTests
{
    [Fact]
    public async Task Fails_as_many_writes_as_it_was_told_and_keeps_nothing_of_them()
    {
        var store = (FaultyDocumentStore)Store;
        await store.CreateDocumentAsync(Some.Document(), Some.Token);
        store.FailWrites(2, StorageFault.ReadOnly);
        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<StorageException>(async () => await store.AppendAsync(Some.Append(1, 1), Some.Token));
            Assert.Equal(StorageFault.ReadOnly, failure.Fault);
            Assert.Equal(StorageFault.ReadOnly, store.Trouble!.Fault);
        }

        Assert.Equal(0, (await store.ReadAllAsync()).Count);
        Assert.Equal(AppendOutcome.Appended, await store.AppendAsync(Some.Append(1, 1), Some.Token));
        Assert.Null(store.Trouble);
        Assert.Equal(2, store.Failures);
    }

    [Fact]
    public async Task Fails_reads_until_it_is_healed_and_writes_go_on()
    {
        var store = (FaultyDocumentStore)Store;
        store.FailReads();
        await store.CreateDocumentAsync(Some.Document(), Some.Token);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<StorageException>(async () => await store.FindDocumentAsync(Some.Key, Some.Token));
        }

        Assert.NotNull(store.Trouble);
        store.Heal();
        Assert.Null(store.Trouble);
        Assert.NotNull(await store.FindDocumentAsync(Some.Key, Some.Token));
    }

    [Fact]
    public async Task A_stalled_write_is_kept_when_it_is_let_go()
    {
        var store = (FaultyDocumentStore)Store;
        store.StallWrites();
        var creation = store.CreateDocumentAsync(Some.Document(), Some.Token).AsTask();
        Assert.Equal(1, store.StalledWrites);
        Assert.Null(await store.FindDocumentAsync(Some.Key, Some.Token));
        store.Resume();
        Assert.True(await creation);
        Assert.Equal(0, store.StalledWrites);
    }

    protected override ValueTask<IDocumentStore> OpenAsync()
    {
        var memory = new MemoryDocumentStore();
        return new(new FaultyDocumentStore(memory, memory, memory));
    }
}
