using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>Turns an app's summary into git objects, ready to be stored, and remembers what it says of its trees. Used once.</summary>
/// <param name="objects">Where the blobs and summaries are that it names.</param>
/// <param name="tenantId">Whose they are.</param>
/// <param name="parents">The summaries that handles may refer to; null when there are none.</param>
internal sealed class SummaryTreeBuilder(ObjectReader objects, string tenantId, SummaryParents? parents)
{
    private readonly List<GitObject> _made = [];
    private readonly Stack<string> _names = new();
    private readonly SummaryFlags _flags = new();
    private int _entries;
    private long _characters;
    private int _prefix;

    /// <summary>What was made so far.</summary>
    public ICollection<GitObject> Objects => _made;

    /// <summary>The entries of the root: the app's and, when it says something of its trees or others came before it, the service's. Subtrees are made already.</summary>
    /// <exception cref="MalformedMessageException">The summary names what is not there, or has names that a tree can not have.</exception>
    public async Task<List<GitTreeEntry>> BuildAsync(SummaryTree app, CancellationToken cancellationToken)
    {
        var entries = new List<GitTreeEntry>();
        foreach (var (name, child) in app.Children.Where(child => !SummaryLayout.IsService(child.Key)))
        {
            entries.Add(await BuildAsync(name, child, cancellationToken));
        }

        if (_flags.Build(_made, asStated: parents is not null) is { } service)
        {
            entries.Add(service);
        }

        return entries;
    }

    /// <summary>Makes a part and all below it.</summary>
    public async Task<GitTreeEntry> BuildAsync(string name, SummaryNode node, CancellationToken cancellationToken)
    {
        _characters += _prefix + name.Length;
        if (++_entries > ObjectLimits.MaxAppEntries || _characters > ObjectLimits.MaxAppCharacters)
        {
            throw SummarySize.TooLarge();
        }

        _names.Push(name);
        _prefix += name.Length + 1;
        var entry = node switch
        {
            SummaryTree tree => await BuildTreeAsync(name, tree, cancellationToken),
            SummaryBlob blob => BuildBlob(name, blob),
            SummaryAttachment attachment => await FindAttachmentAsync(name, attachment, cancellationToken),
            SummaryHandle handle => await FindHandleAsync(name, handle, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node, "Not a part of a summary."),
        };
        _names.Pop();
        _prefix -= name.Length + 1;
        return entry;
    }

    /// <summary>Makes a tree of entries.</summary>
    public GitObject Tree(IEnumerable<GitTreeEntry> entries)
    {
        try
        {
            var tree = GitTree.Create(entries).ToObject();
            _made.Add(tree);
            return tree;
        }
        catch (GitFormatException e)
        {
            throw new MalformedMessageException($"summary: {e.Message}");
        }
    }

    private async Task<GitTreeEntry> BuildTreeAsync(string name, SummaryTree tree, CancellationToken cancellationToken)
    {
        if (_names.Count == ObjectLimits.MaxTreeDepth)
        {
            throw new MalformedMessageException($"A summary must not have more than {ObjectLimits.MaxTreeDepth} levels");
        }

        if (tree.Unreferenced || tree.GroupId is not null)
        {
            _flags.Set(Path, new SummaryFlag(tree.Unreferenced, tree.GroupId));
        }

        var entries = new List<GitTreeEntry>();
        foreach (var (childName, child) in tree.Children)
        {
            entries.Add(await BuildAsync(childName, child, cancellationToken));
        }

        return new GitTreeEntry(GitFileMode.Directory, name, Tree(entries).Id);
    }

    private GitTreeEntry BuildBlob(string name, SummaryBlob blob)
    {
        var made = GitObject.Blob(blob.Content);
        _made.Add(made);
        return new GitTreeEntry(GitFileMode.File, name, made.Id);
    }

    private async Task<GitTreeEntry> FindAttachmentAsync(string name, SummaryAttachment attachment, CancellationToken cancellationToken)
    {
        if (!ObjectId.TryParse(attachment.Id, out var id))
        {
            throw new MalformedMessageException($"The attachment '{Path}' must have a blob's id");
        }

        return await objects.ExistsAsync(tenantId, id, GitObjectKind.Blob, cancellationToken)
            ? new GitTreeEntry(GitFileMode.File, name, id)
            : throw new MalformedMessageException($"'{Path}': There is no blob {id}");
    }

    private async Task<GitTreeEntry> FindHandleAsync(string name, SummaryHandle handle, CancellationToken cancellationToken)
    {
        if (parents is null)
        {
            throw new MalformedMessageException($"'{Path}' is a handle: an initial summary has none before it that a handle could refer to");
        }

        try
        {
            var (found, path, flags) = await parents.FindAsync(handle, cancellationToken);
            if (!flags.IsEmpty)
            {
                _flags.Keep(flags, path, Path);
            }

            return new GitTreeEntry(found.Mode, name, found.Id);
        }
        catch (MalformedMessageException e)
        {
            throw new MalformedMessageException($"'{Path}': {e.Message}");
        }
    }

    /// <summary>Where the part is that is being made. Put together only where it is needed.</summary>
    private string Path => string.Join('/', _names.Reverse());
}
