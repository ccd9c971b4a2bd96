using Levee.Testing.Storage;

namespace Levee.Storage.Tests;

public sealed class MemoryDocumentStoreTests : DocumentStoreContractTests
{
    protected override ValueTask<IDocumentStore> OpenAsync() => new(new MemoryDocumentStore());

    [Fact]
    public async Task A_hook_that_throws_fails_the_append_and_nothing_is_kept()
    {
        var store = (MemoryDocumentStore)Store;
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        store.BeforeAppend = _ => throw new StorageException("The disk is full.");

        await Assert.ThrowsAsync<StorageException>(async () => await Store.AppendAsync(Some.Append(1, 1), Some.Token));

        store.BeforeAppend = null;
        Assert.Equal(0, (await Store.ReadAllAsync()).Count);
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(Some.Append(1, 1), Some.Token));
    }

    [Fact]
    public async Task A_hook_that_waits_stalls_the_append()
    {
        var gate = new TaskCompletionSource();
        await Store.CreateDocumentAsync(Some.Document(), Some.Token);
        ((MemoryDocumentStore)Store).BeforeAppend = _ => new ValueTask(gate.Task);

        var append = Store.AppendAsync(Some.Append(1, 1), Some.Token).AsTask();
        Assert.False(append.IsCompleted);
        Assert.Equal(0, (await Store.ReadAllAsync()).Count);

        gate.SetResult();
        Assert.Equal(AppendOutcome.Appended, await append);
    }
}
