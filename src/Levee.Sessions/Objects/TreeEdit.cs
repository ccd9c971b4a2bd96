using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>One change of a tree: loads of the base what the changed paths lead through, and no more.</summary>
internal sealed class TreeEdit(ObjectReader objects, string tenantId)
{
    private readonly TreeDraft _root = new();
    private int _loaded;

    /// <summary>Starts from a base.</summary>
    public void Keep(GitObject tree) => Keep(_root, tree);

    /// <summary>Sets the entry at a path.</summary>
    public async Task SetAsync(string path, TreeEntryMode mode, ObjectId target, CancellationToken cancellationToken)
    {
        var names = path.Split('/', ObjectLimits.MaxTreeDepth + 1);
        if (names.Length > ObjectLimits.MaxTreeDepth)
        {
            throw new MalformedMessageException($"A path must not have more than {ObjectLimits.MaxTreeDepth} segments");
        }

        var draft = _root;
        foreach (var name in names[..^1])
        {
            draft = draft.Open(TreeName.Require(name), out var kept);
            if (kept is not null)
            {
                Keep(draft, await objects.FollowAsync(tenantId, kept.Id, GitObjectKind.Tree, cancellationToken));
            }
        }

        draft.Set(new TreeEntry(TreeName.Require(names[^1]), mode, target));
        if (draft.Count > ObjectLimits.MaxTreeEntries)
        {
            throw TreeService.TooLarge();
        }
    }

    /// <summary>The tree, and all new ones, subtrees first.</summary>
    public (GitObject Tree, IReadOnlyCollection<GitObject> Objects) Build()
    {
        var made = new List<GitObject>();
        return (_root.Build(made), made);
    }

    private void Keep(TreeDraft draft, GitObject tree)
    {
        var entries = TreeCodec.Decode(tree);
        _loaded += entries.Count;
        if (_loaded > ObjectLimits.MaxTreeEntries)
        {
            throw TreeService.TooLarge();
        }

        entries.ForEach(draft.Keep);
    }
}
