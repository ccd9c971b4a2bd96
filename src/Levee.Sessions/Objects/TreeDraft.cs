using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>A tree in the making: entries of the base that are kept, entries that were set, and subtrees in the making.</summary>
internal sealed class TreeDraft
{
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    private sealed record Node(GitTreeEntry? Entry, TreeDraft? Subtree, bool IsSet);

    /// <summary>How many entries there are at this level.</summary>
    public int Count => _nodes.Count;

    /// <summary>Takes over what the base has.</summary>
    public void Keep(GitTreeEntry entry) => _nodes[entry.Name] = new Node(entry, null, IsSet: false);

    /// <summary>Sets an entry.</summary>
    /// <exception cref="MalformedMessageException">Its path was set before, or something below it was.</exception>
    public void Set(GitTreeEntry entry)
    {
        if (_nodes.TryGetValue(entry.Name, out var node) && (node.IsSet || node.Subtree is not null))
        {
            throw new MalformedMessageException("A tree must not have two entries for one path");
        }

        _nodes[entry.Name] = new Node(entry, null, IsSet: true);
    }

    /// <summary>
    /// The subtree of that name, to be changed. <paramref name="kept"/> is the base's tree there, whose entries the caller must add; null
    /// when there is none or it was opened before. A blob of that name gives way.
    /// </summary>
    /// <exception cref="MalformedMessageException">The name was set to something of its own.</exception>
    public TreeDraft Open(string name, out GitTreeEntry? kept)
    {
        kept = null;
        if (_nodes.TryGetValue(name, out var node))
        {
            if (node.IsSet)
            {
                throw new MalformedMessageException("A tree must not have two entries for one path");
            }

            if (node.Subtree is not null)
            {
                return node.Subtree;
            }

            kept = node.Entry!.Mode == GitFileMode.Directory ? node.Entry : null;
        }

        var subtree = new TreeDraft();
        _nodes[name] = new Node(null, subtree, IsSet: false);
        return subtree;
    }

    /// <summary>Makes the tree and adds it, after its subtrees, to <paramref name="objects"/>.</summary>
    public GitObject Build(ICollection<GitObject> objects)
    {
        var entries = _nodes.Select(pair =>
            pair.Value.Entry ?? new GitTreeEntry(GitFileMode.Directory, pair.Key, pair.Value.Subtree!.Build(objects).Id));
        var tree = GitTree.Create(entries).ToObject();
        objects.Add(tree);
        return tree;
    }
}
