using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>Follows paths through a tenant's stored trees; each tree on the way is read once per instance. Used by one request.</summary>
internal sealed class TreePaths(ObjectReader objects, string tenantId)
{
    private readonly Dictionary<ObjectId, Dictionary<string, GitTreeEntry>> _trees = [];

    /// <summary>The entries on the way from a tree to what is at a path such as <c>.channels/abc</c>, that one last; null when nothing is.</summary>
    public async Task<IReadOnlyList<GitTreeEntry>?> FindAsync(ObjectId root, string path, CancellationToken cancellationToken)
    {
        var found = new List<GitTreeEntry>();
        foreach (var name in path.TrimStart('/').Split('/', ObjectLimits.MaxTreeDepth + 1))
        {
            var tree = found is [.., var last] ? last.Mode == GitFileMode.Directory ? last.Id : (ObjectId?)null : root;
            if (tree is not { } id || await FindChildAsync(id, name, cancellationToken) is not { } child)
            {
                return null;
            }

            found.Add(child);
        }

        return found;
    }

    private async Task<GitTreeEntry?> FindChildAsync(ObjectId tree, string name, CancellationToken cancellationToken)
    {
        if (!_trees.TryGetValue(tree, out var entries))
        {
            var read = await objects.ReadEntriesAsync(tenantId, tree, cancellationToken);
            entries = read.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
            _trees[tree] = entries;
        }

        // Clients percent-encode the names in a handle, but not all of them those in a tree.
        return entries.GetValueOrDefault(name) ?? entries.GetValueOrDefault(Uri.UnescapeDataString(name));
    }
}
