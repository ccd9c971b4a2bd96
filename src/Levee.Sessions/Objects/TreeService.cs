using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Makes and lists a tenant's trees. May be called from any thread.</summary>
public sealed class TreeService(IDocumentStore store)
{
    private readonly ObjectReader _objects = new(store);

    /// <summary>Makes a tree of entries, on top of another when one is given, and stores it.</summary>
    /// <param name="document">The document whose last acknowledged summary paths are looked up in.</param>
    /// <param name="changes">The entries; each path once.</param>
    /// <param name="baseTree">The tree whose other entries are kept; null for none.</param>
    /// <param name="cancellationToken">Stops it; nothing is kept then.</param>
    /// <exception cref="MalformedMessageException">Entries that no tree can be made of; the message names the first one and says why.</exception>
    public async Task<GitObject> CreateAsync(
        DocumentKey document, IReadOnlyList<TreeChange> changes, ObjectId? baseTree, CancellationToken cancellationToken)
    {
        if (changes.Count > ObjectLimits.MaxTreeEntries)
        {
            throw TooLarge();
        }

        var edit = new TreeEdit(_objects, document.TenantId);
        if (baseTree is { } id)
        {
            edit.Keep(await _objects.RequireAsync(document.TenantId, id, GitObjectKind.Tree, cancellationToken));
        }

        var summary = new SummaryPaths(store, document);
        for (var i = 0; i < changes.Count; i++)
        {
            try
            {
                var target = await FindTargetAsync(document.TenantId, changes[i], summary, cancellationToken);
                await edit.SetAsync(changes[i].Path, changes[i].Mode, target, cancellationToken);
            }
            catch (MalformedMessageException e)
            {
                throw new MalformedMessageException($"tree[{i}]: {e.Message}");
            }
        }

        var (tree, objects) = edit.Build();
        await store.PutObjectsAsync(document.TenantId, objects, cancellationToken);
        return tree;
    }

    /// <summary>
    /// The entries of a tree, or, with <paramref name="recursive"/>, of all trees below it too, by full path and each tree before what is in
    /// it. Null when the tenant has no such tree.
    /// </summary>
    /// <exception cref="MalformedMessageException">There are more entries, or longer paths, than one listing may have.</exception>
    public async Task<IReadOnlyList<GitTreeEntry>?> ListAsync(
        string tenantId, ObjectId id, bool recursive, CancellationToken cancellationToken)
    {
        if (await _objects.FindAsync(tenantId, id, GitObjectKind.Tree, cancellationToken) is not { } tree)
        {
            return null;
        }

        if (!recursive)
        {
            return ObjectReader.EntriesOf(tree);
        }

        var listing = new Listing(tenantId);
        await ListIntoAsync(listing, ObjectReader.EntriesOf(tree), "", 1, cancellationToken);
        return listing.Entries;
    }

    /// <summary>What an entry shall name, checked to be there and of the kind that its mode says.</summary>
    private async Task<ObjectId> FindTargetAsync(
        string tenantId, TreeChange change, SummaryPaths summary, CancellationToken cancellationToken)
    {
        if (ObjectId.TryParse(change.Target, out var id))
        {
            await _objects.RequireKindAsync(tenantId, id, ObjectReader.KindOf(change.Mode), cancellationToken);
            return id;
        }

        var found = await summary.FindAsync(change.Target, cancellationToken);
        return ObjectReader.KindOf(found.Mode) == ObjectReader.KindOf(change.Mode)
            ? found.Id
            : throw new MalformedMessageException(
                $"'{change.Target}' is a {ObjectReader.NameOf(ObjectReader.KindOf(found.Mode))} in the last acknowledged summary, not a {ObjectReader.NameOf(ObjectReader.KindOf(change.Mode))}");
    }

    private async Task ListIntoAsync(
        Listing listing, IReadOnlyList<GitTreeEntry> tree, string prefix, int depth, CancellationToken cancellationToken)
    {
        foreach (var entry in tree)
        {
            listing.Add(entry, prefix, depth);
            if (entry.Mode == GitFileMode.Directory)
            {
                var children = await _objects.ReadEntriesAsync(listing.TenantId, entry.Id, cancellationToken);
                await ListIntoAsync(listing, children, $"{prefix}{entry.Name}/", depth + 1, cancellationToken);
            }
        }
    }

    /// <summary>What has been listed so far. A few small trees that name each other many times over could otherwise be listed into gigabytes.</summary>
    private sealed class Listing(string tenantId)
    {
        private readonly List<GitTreeEntry> _entries = [];
        private long _characters;

        public string TenantId => tenantId;

        public IReadOnlyList<GitTreeEntry> Entries => _entries;

        public void Add(GitTreeEntry entry, string prefix, int depth)
        {
            _characters += prefix.Length + entry.Name.Length;
            if (_entries.Count == ObjectLimits.MaxListedEntries
                || _characters > ObjectLimits.MaxListedCharacters
                || depth > ObjectLimits.MaxTreeDepth)
            {
                throw new MalformedMessageException(
                    $"The tree has more than {ObjectLimits.MaxListedEntries} entries, {ObjectLimits.MaxListedCharacters} characters of paths, or {ObjectLimits.MaxTreeDepth} levels: list it level by level");
            }

            _entries.Add(entry with { Name = prefix + entry.Name });
        }
    }

    internal static MalformedMessageException TooLarge() =>
        new($"A tree must not have more than {ObjectLimits.MaxTreeEntries} entries");
}
