using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>One change of a tree: loads of the base what the changed paths lead through, and no more.</summary>
internal sealed class TreeEdit(ObjectReader objects, string tenantId)
{
    private readonly TreeDraft _root = new();
    private int _loaded;

    /// <summary>Starts from a base.</summary>
    public void Keep(GitObject tree) => Keep(_root, ObjectReader.EntriesOf(tree));

    /// <summary>Sets the entry at a path.</summary>
    public async Task SetAsync(string path, GitFileMode mode, ObjectId target, CancellationToken cancellationToken)
    {
        var names = path.Split('/', ObjectLimits.MaxTreeDepth + 1);
        if (names.Length > ObjectLimits.MaxTreeDepth)
        {
            throw new MalformedMessageException($"A path must not have more than {ObjectLimits.MaxTreeDepth} segments");
        }

        var draft = _root;
        foreach (var name in names[..^1])
        {
            draft = draft.Open(Require(name, target), out var kept);
            if (kept is not null)
            {
                Keep(draft, await objects.ReadEntriesAsync(tenantId, kept.Id, cancellationToken));
            }
        }

        draft.Set(new GitTreeEntry(mode, Require(names[^1], target), target));
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

    /// <summary>The name, if a tree may hold it: asked here, while it is known which change has it.</summary>
    private static string Require(string name, ObjectId target)
    {
        try
        {
            GitTree.Create([new GitTreeEntry(GitFileMode.File, name, target)]);
            return name;
        }
        catch (GitFormatException e)
        {
            throw new MalformedMessageException(e.Message);
        }
    }

    private void Keep(TreeDraft draft, IReadOnlyList<GitTreeEntry> entries)
    {
        _loaded += entries.Count;
        if (_loaded > ObjectLimits.MaxTreeEntries)
        {
            throw TreeService.TooLarge();
        }

        foreach (var entry in entries)
        {
            draft.Keep(entry);
        }
    }
}
