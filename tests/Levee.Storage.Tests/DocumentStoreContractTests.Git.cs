using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Storage.Tests;

public abstract partial class DocumentStoreContractTests
{
    [Fact]
    public async Task Reads_back_objects_of_every_kind_and_size()
    {
        GitObject[] objects =
        [
            GitObject.Blob(ReadOnlyMemory<byte>.Empty),
            GitObject.Blob(new byte[3_000_000]),
            GitObject.Create(GitObjectKind.Tree, "tree"u8.ToArray()),
            GitObject.Create(GitObjectKind.Commit, new byte[] { 0, 255, 0 }),
        ];
        await Store.PutObjectsAsync("acme", objects, Some.Token);

        foreach (var expected in objects)
        {
            var found = await Store.FindObjectAsync("acme", expected.Id, Some.Token);
            Assert.Equal((expected.Id, expected.Kind), (found!.Id, found.Kind));
            Assert.True(expected.Content.Span.SequenceEqual(found.Content.Span));
            Assert.Equal(expected.Kind, await Store.FindObjectKindAsync("acme", expected.Id, Some.Token));
        }
    }

    [Fact]
    public async Task Storing_an_object_again_changes_nothing()
    {
        var blob = Some.Blob("once");
        await Store.PutObjectsAsync("acme", [blob], Some.Token);
        await Store.PutObjectsAsync("acme", [blob, Some.Blob("new"), blob], Some.Token);
        await Store.PutObjectsAsync("acme", [], Some.Token);

        Assert.Equal("once", Some.Text((await Store.FindObjectAsync("acme", blob.Id, Some.Token))!.Content));
        Assert.NotNull(await Store.FindObjectAsync("acme", Some.Id("new"), Some.Token));
    }

    [Fact]
    public async Task A_guessed_id_of_another_tenants_object_finds_nothing()
    {
        var secret = Some.Blob("secret");
        await Store.PutObjectsAsync("acme", [secret], Some.Token);

        Assert.Null(await Store.FindObjectAsync("globex", secret.Id, Some.Token));
        Assert.Null(await Store.FindObjectAsync("", secret.Id, Some.Token));
        Assert.Null(await Store.FindObjectAsync("acme", Some.Id("unknown"), Some.Token));
        Assert.Null(await Store.FindObjectKindAsync("globex", secret.Id, Some.Token));
        Assert.Null(await Store.FindObjectKindAsync("", secret.Id, Some.Token));
        Assert.Null(await Store.FindObjectKindAsync("acme", Some.Id("unknown"), Some.Token));
    }

    [Fact]
    public async Task Tells_the_kind_of_an_object_without_reading_its_content()
    {
        var blob = GitObject.Blob(new byte[3_000_000]);
        await Store.PutObjectsAsync("acme", [blob], Some.Token);

        var before = GC.GetAllocatedBytesForCurrentThread();
        var kind = Store.FindObjectKindAsync("acme", blob.Id, Some.Token);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(GitObjectKind.Blob, await kind);
        Assert.InRange(allocated, 0, blob.Content.Length / 2);
    }

    [Fact]
    public async Task A_ref_moves_only_from_where_it_is_expected()
    {
        Assert.False(await Store.UpdateRefAsync("acme", "refs/x", Some.Id("a"), Some.Id("b"), Some.Token));
        Assert.Null(await Store.FindRefAsync("acme", "refs/x", Some.Token));

        Assert.True(await Store.UpdateRefAsync("acme", "refs/x", null, Some.Id("a"), Some.Token));
        Assert.False(await Store.UpdateRefAsync("acme", "refs/x", null, Some.Id("b"), Some.Token));
        Assert.False(await Store.UpdateRefAsync("acme", "refs/x", Some.Id("b"), Some.Id("c"), Some.Token));
        Assert.Equal(Some.Id("a"), await Store.FindRefAsync("acme", "refs/x", Some.Token));

        Assert.True(await Store.UpdateRefAsync("acme", "refs/x", Some.Id("a"), Some.Id("b"), Some.Token));
        Assert.Equal(Some.Id("b"), await Store.FindRefAsync("acme", "refs/x", Some.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_head_of_a_document_is_neither_made_nor_moved_as_a_ref(bool withHead)
    {
        ObjectId? head = withHead ? Some.Id("own") : null;
        await Store.CreateDocumentAsync(Some.Document() with { Head = head }, Some.Token);

        Assert.False(await Store.UpdateRefAsync("acme", "refs/heads/plan", head, Some.Id("stray"), Some.Token));
        Assert.Equal(head, await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));

        Assert.True(await Store.UpdateRefAsync("globex", "refs/heads/plan", null, Some.Id("b"), Some.Token));
        Assert.True(await Store.UpdateRefAsync("acme", "refs/tags/plan", null, Some.Id("b"), Some.Token));
        Assert.True(await Store.UpdateRefAsync("acme", "refs/heads/plan/x", null, Some.Id("b"), Some.Token));
        var append = Some.Append(1, 1) with { Head = new HeadUpdate(head, Some.Id("next")) };
        Assert.Equal(AppendOutcome.Appended, await Store.AppendAsync(append, Some.Token));
        Assert.Equal(Some.Id("next"), await Store.FindRefAsync("acme", "refs/heads/plan", Some.Token));
    }

    [Fact]
    public async Task Lists_a_tenants_refs_by_name_and_no_others()
    {
        string[] names = ["refs/heads/b", "refs/heads/B", "refs/heads/a", "refs/heads/ä", "refs/heads/\U0001F600", "refs/heads/\uFF5E"];
        foreach (var name in names)
        {
            await Store.UpdateRefAsync("acme", name, null, Some.Id(name), Some.Token);
        }

        await Store.UpdateRefAsync("globex", "refs/heads/other", null, Some.Id("other"), Some.Token);

        var expected = names.Order(StringComparer.Ordinal).Select(name => new GitRef(name, Some.Id(name)));
        Assert.Equal(expected, await Store.ListRefsAsync("acme", "plan", names.Length, Some.Token));
        Assert.Empty((await Store.ListRefsAsync("unknown", "plan", names.Length, Some.Token))!);
        Assert.Null(await Store.FindRefAsync("globex", "refs/heads/a", Some.Token));
    }

    [Fact]
    public async Task Of_the_heads_of_documents_only_the_one_that_is_asked_for_is_listed()
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("own") }, Some.Token);
        await Store.CreateDocumentAsync(Some.Document(new DocumentKey("acme", "other")) with { Head = Some.Id("other") }, Some.Token);
        await Store.CreateDocumentAsync(Some.Document(new DocumentKey("acme", "bare")), Some.Token);
        await Store.CreateDocumentAsync(Some.Document(new DocumentKey("globex", "main")) with { Head = Some.Id("theirs") }, Some.Token);
        string[] plain = ["refs/heads/main", "refs/heads/other/x", "refs/tags/other"];
        foreach (var name in plain)
        {
            await Store.UpdateRefAsync("acme", name, null, Some.Id(name), Some.Token);
        }

        var refs = plain.Select(name => new GitRef(name, Some.Id(name))).ToList();
        Assert.Equal(refs, await Store.ListRefsAsync("acme", "bare", 3, Some.Token));
        Assert.Equal(refs, await Store.ListRefsAsync("acme", "", 3, Some.Token));
        refs.Insert(2, new GitRef("refs/heads/plan", Some.Id("own")));
        Assert.Equal(refs, await Store.ListRefsAsync("acme", "plan", 4, Some.Token));
    }

    [Fact]
    public async Task More_refs_than_asked_for_are_not_listed_in_part()
    {
        await Store.CreateDocumentAsync(Some.Document() with { Head = Some.Id("own") }, Some.Token);
        await Store.CreateDocumentAsync(Some.Document(new DocumentKey("acme", "other")) with { Head = Some.Id("other") }, Some.Token);
        await Store.UpdateRefAsync("acme", "refs/x", null, Some.Id("x"), Some.Token);
        Assert.Null(await Store.ListRefsAsync("acme", "plan", 1, Some.Token));
        Assert.Equal(2, (await Store.ListRefsAsync("acme", "plan", 2, Some.Token))!.Count);
        Assert.Single((await Store.ListRefsAsync("acme", "", 1, Some.Token))!);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await Store.ListRefsAsync("acme", "plan", 0, Some.Token));
    }

    [Fact]
    public async Task Of_many_that_move_a_ref_from_the_same_place_one_succeeds()
    {
        var moved = await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(
            async () => await Store.UpdateRefAsync("acme", "refs/x", null, Some.Id($"{n}"), Some.Token), Some.Token)));

        Assert.Equal(1, moved.Count(one => one));
        Assert.Equal(Some.Id($"{Array.IndexOf(moved, true)}"), await Store.FindRefAsync("acme", "refs/x", Some.Token));
    }
}
