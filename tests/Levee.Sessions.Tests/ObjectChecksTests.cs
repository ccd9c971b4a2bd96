using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Testing.Storage;

namespace Levee.Sessions.Tests;

/// <summary>What only has to exist is not read: one request may name thousands of large blobs.</summary>
public sealed class ObjectChecksTests : IAsyncDisposable
{
    private static readonly GitSignature Author = ServiceAuthor.At(DateTimeOffset.UnixEpoch);

    private readonly MemoryDocumentStore _store = new();
    private readonly GitObject _blob = GitObject.Blob("content");
    private readonly GitObject _tree = GitTree.Create([]).ToObject();

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tree_is_made_without_reading_what_its_entries_name()
    {
        await _store.PutObjectsAsync("tenant", [_blob], Test);
        var change = new TreeChange("a", GitFileMode.File, _blob.Id.ToString());
        await new TreeService(_store).CreateAsync(SessionHost.Key, [change], null, Test);
        Assert.Equal(0, _store.ObjectReads);
    }

    [Fact]
    public async Task A_document_is_made_without_reading_its_attachments()
    {
        await _store.PutObjectsAsync("tenant", [_blob], Test);
        var summary = new SummaryTree(new Dictionary<string, SummaryNode> { ["a"] = new SummaryAttachment(_blob.Id.ToString()) });
        var creator = new DocumentCreator(_store, TimeProvider.System);
        Assert.True(await creator.CreateAsync(SessionHost.Key, new DocumentDraft(summary, null, null), Test));
        Assert.Equal(0, _store.ObjectReads);
    }

    [Fact]
    public async Task Commits_and_refs_are_made_without_reading_what_they_name()
    {
        await _store.PutObjectsAsync("tenant", [_tree], Test);
        var commits = new CommitService(_store);
        var first = await commits.CreateAsync("tenant", _tree.Id, [], Author, Author, "first", Test);
        var second = await commits.CreateAsync("tenant", _tree.Id, [first.Id], Author, Author, "second", Test);
        Assert.Equal(RefOutcome.Done, await new RefService(_store).CreateAsync("tenant", "refs/heads/x", second.Id, Test));
        Assert.Equal(0, _store.ObjectReads);
    }

    [Fact]
    public async Task An_object_of_another_kind_is_none()
    {
        await _store.PutObjectsAsync("tenant", [_blob], Test);
        var change = new TreeChange("a", GitFileMode.Directory, _blob.Id.ToString());
        var refused = await Assert.ThrowsAsync<MalformedMessageException>(
            () => new TreeService(_store).CreateAsync(SessionHost.Key, [change], null, Test));
        Assert.Equal($"tree[0]: There is no tree {_blob.Id}", refused.Message);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
