using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Finds what a summary handle means: a path in the last acknowledged summary of a document (its initial one before the first). Trees
/// that paths lead through are read once per instance. Used by one request.
/// </summary>
public sealed class SummaryPaths(IDocumentStore store, DocumentKey document)
{
    private readonly ObjectReader _objects = new(store);
    private readonly Dictionary<ObjectId, Dictionary<string, GitTreeEntry>> _trees = [];
    private ObjectId? _root;

    /// <summary>The entry at a path such as <c>/.channels/abc</c>; the slash in front may be missing.</summary>
    /// <exception cref="MalformedMessageException">There is no summary, or nothing at that path.</exception>
    public async Task<GitTreeEntry> FindAsync(string path, CancellationToken cancellationToken)
    {
        var names = path.TrimStart('/').Split('/', ObjectLimits.MaxTreeDepth + 1);
        var entry = new GitTreeEntry(GitFileMode.Directory, "", _root ??= await FindRootAsync(cancellationToken));
        foreach (var name in names)
        {
            entry = entry.Mode == GitFileMode.Directory && await FindChildAsync(entry.Id, name, cancellationToken) is { } child
                ? child
                : throw new MalformedMessageException($"There is nothing at '{path}' in the document's last acknowledged summary");
        }

        return entry;
    }

    private async Task<ObjectId> FindRootAsync(CancellationToken cancellationToken)
    {
        var head = await store.FindRefAsync(document.TenantId, GitRef.OfDocument(document.DocumentId), cancellationToken)
            ?? throw new MalformedMessageException("Only object ids will do: the token's document has no summary that a path could be looked up in");
        return ObjectReader.CommitOf(await _objects.FollowAsync(document.TenantId, head, GitObjectKind.Commit, cancellationToken)).Tree;
    }

    private async Task<GitTreeEntry?> FindChildAsync(ObjectId tree, string name, CancellationToken cancellationToken)
    {
        if (!_trees.TryGetValue(tree, out var entries))
        {
            var read = await _objects.ReadEntriesAsync(document.TenantId, tree, cancellationToken);
            entries = read.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            _trees[tree] = entries;
        }

        // Clients percent-encode the names in a handle, but not all of them those in a tree.
        return entries.GetValueOrDefault(name) ?? entries.GetValueOrDefault(Uri.UnescapeDataString(name));
    }
}
