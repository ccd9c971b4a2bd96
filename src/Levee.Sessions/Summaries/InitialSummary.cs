using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Turns the summary of a new document into git objects: the children of <c>.app</c> (or all, where there is no <c>.app</c>) at the root,
/// <c>.protocol</c> beside them, in one commit without parents.
/// </summary>
internal sealed class InitialSummary(IDocumentStore store, string tenantId)
{
    private const string App = ".app";
    private const string Message = "Initial summary";

    private readonly ObjectReader _objects = new(store);
    private readonly List<GitObject> _made = [];

    /// <summary>The objects, and the commit among them that is the document's head.</summary>
    /// <exception cref="MalformedMessageException">The summary names what is not there, or has names that a tree can not have.</exception>
    public async Task<(IReadOnlyCollection<GitObject> Objects, ObjectId Head)> BuildAsync(
        SummaryTree summary, InitialProtocol protocol, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var app = summary.Children.TryGetValue(App, out var node)
            ? node as SummaryTree ?? throw new MalformedMessageException($"{App} must be a tree")
            : summary;
        var entries = new List<GitTreeEntry>();
        foreach (var (name, child) in app.Children.Where(child => child.Key != ProtocolTree.Name))
        {
            entries.Add(await BuildAsync(name, child, 1, cancellationToken));
        }

        entries.Add(await BuildProtocolAsync(summary, protocol, cancellationToken));
        var root = Tree(entries);
        var author = ServiceAuthor.At(now);
        var commit = new GitCommit(root.Id, [], author, author, Message).ToObject();
        _made.AddRange([root, commit]);
        return (_made, commit.Id);
    }

    private async Task<GitTreeEntry> BuildProtocolAsync(SummaryTree summary, InitialProtocol protocol, CancellationToken cancellationToken)
    {
        if (protocol.IsSummarysOwn)
        {
            return await BuildAsync(ProtocolTree.Name, summary.Children[ProtocolTree.Name], 1, cancellationToken);
        }

        var quorum = QuorumSnapshot.Initial(protocol.SequenceNumber, protocol.Values);
        var tree = ProtocolTree.Build(quorum, protocol.SequenceNumber, protocol.SequenceNumber, _made);
        return new GitTreeEntry(GitFileMode.Directory, ProtocolTree.Name, tree.Id);
    }

    private async Task<GitTreeEntry> BuildAsync(string name, SummaryNode node, int depth, CancellationToken cancellationToken)
    {
        switch (node)
        {
            case SummaryTree tree:
                return new GitTreeEntry(GitFileMode.Directory, name, (await BuildTreeAsync(tree, depth, cancellationToken)).Id);
            case SummaryBlob blob:
                var made = GitObject.Blob(blob.Content);
                _made.Add(made);
                return new GitTreeEntry(GitFileMode.File, name, made.Id);
            case SummaryAttachment attachment when ObjectId.TryParse(attachment.Id, out var id):
                await _objects.RequireKindAsync(tenantId, id, GitObjectKind.Blob, cancellationToken);
                return new GitTreeEntry(GitFileMode.File, name, id);
            case SummaryAttachment:
                throw new MalformedMessageException($"The attachment '{name}' must have a blob's id");
            default:
                throw new MalformedMessageException($"'{name}' is a handle: an initial summary has none before it that a handle could refer to");
        }
    }

    private async Task<GitObject> BuildTreeAsync(SummaryTree tree, int depth, CancellationToken cancellationToken)
    {
        if (depth == ObjectLimits.MaxTreeDepth)
        {
            throw new MalformedMessageException($"A summary must not have more than {ObjectLimits.MaxTreeDepth} levels");
        }

        var entries = new List<GitTreeEntry>();
        foreach (var (name, child) in tree.Children)
        {
            entries.Add(await BuildAsync(name, child, depth + 1, cancellationToken));
        }

        var made = Tree(entries);
        _made.Add(made);
        return made;
    }

    private static GitObject Tree(List<GitTreeEntry> entries)
    {
        try
        {
            return GitTree.Create(entries).ToObject();
        }
        catch (GitFormatException e)
        {
            throw new MalformedMessageException($"summary: {e.Message}");
        }
    }
}
