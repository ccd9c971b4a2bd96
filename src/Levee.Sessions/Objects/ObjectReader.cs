using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Reads a tenant's objects as what they must be.</summary>
public sealed class ObjectReader(IDocumentStore store)
{
    /// <summary>The object, when the tenant has one with this id and of this kind.</summary>
    public async ValueTask<GitObject?> FindAsync(string tenantId, ObjectId id, GitObjectKind kind, CancellationToken cancellationToken)
    {
        var found = await store.FindObjectAsync(tenantId, id, cancellationToken);
        return found?.Kind == kind ? found : null;
    }

    /// <summary>Whether the tenant has an object with this id and of this kind; does not read its content.</summary>
    public async ValueTask<bool> ExistsAsync(string tenantId, ObjectId id, GitObjectKind kind, CancellationToken cancellationToken) =>
        await store.FindObjectKindAsync(tenantId, id, cancellationToken) == kind;

    /// <summary>The object that a client names in what it sends.</summary>
    /// <exception cref="MalformedMessageException">The tenant has no such object.</exception>
    public async ValueTask<GitObject> RequireAsync(
        string tenantId, ObjectId id, GitObjectKind kind, CancellationToken cancellationToken) =>
        await FindAsync(tenantId, id, kind, cancellationToken)
            ?? throw Absent(id, kind);

    /// <summary>As <see cref="RequireAsync"/> where the content does not matter: a request may name thousands of large blobs.</summary>
    /// <exception cref="MalformedMessageException">The tenant has no such object.</exception>
    public async ValueTask RequireKindAsync(string tenantId, ObjectId id, GitObjectKind kind, CancellationToken cancellationToken)
    {
        if (!await ExistsAsync(tenantId, id, kind, cancellationToken))
        {
            throw Absent(id, kind);
        }
    }

    /// <summary>An object that a stored object names: everything that is stored was complete when it came.</summary>
    /// <exception cref="InvalidDataException">It is not there, so the store is damaged.</exception>
    public async ValueTask<GitObject> FollowAsync(
        string tenantId, ObjectId id, GitObjectKind kind, CancellationToken cancellationToken) =>
        await FindAsync(tenantId, id, kind, cancellationToken)
            ?? throw new InvalidDataException($"The store of tenant {tenantId} lacks {NameOf(kind)} {id}, which another object names.");

    /// <summary>The entries of a tree that a stored object names.</summary>
    /// <exception cref="InvalidDataException">It is not there, so the store is damaged.</exception>
    public async ValueTask<IReadOnlyList<GitTreeEntry>> ReadEntriesAsync(
        string tenantId, ObjectId tree, CancellationToken cancellationToken) =>
        EntriesOf(await FollowAsync(tenantId, tree, GitObjectKind.Tree, cancellationToken));

    /// <summary>What a commit says that a stored object, or a document's head, names.</summary>
    /// <exception cref="InvalidDataException">It is not there, so the store is damaged.</exception>
    public async ValueTask<GitCommit> ReadCommitAsync(string tenantId, ObjectId commit, CancellationToken cancellationToken) =>
        CommitOf(await FollowAsync(tenantId, commit, GitObjectKind.Commit, cancellationToken));

    /// <summary>A stored tree's entries.</summary>
    public static IReadOnlyList<GitTreeEntry> EntriesOf(GitObject tree) => GitTree.Parse(tree.Content.Span).Entries;

    /// <summary>What a stored commit says.</summary>
    public static GitCommit CommitOf(GitObject commit) => GitCommit.Parse(commit.Content.Span);

    /// <summary>What an entry of this mode names.</summary>
    public static GitObjectKind KindOf(GitFileMode mode) => mode == GitFileMode.Directory ? GitObjectKind.Tree : GitObjectKind.Blob;

    /// <summary>git's word for a kind.</summary>
    public static string NameOf(GitObjectKind kind) => kind switch
    {
        GitObjectKind.Blob => "blob",
        GitObjectKind.Tree => "tree",
        GitObjectKind.Commit => "commit",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not a git object kind."),
    };

    private static MalformedMessageException Absent(ObjectId id, GitObjectKind kind) => new($"There is no {NameOf(kind)} {id}");
}
