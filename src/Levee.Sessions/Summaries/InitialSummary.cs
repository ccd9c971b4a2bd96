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
    private const string Message = "Initial summary";

    private readonly SummaryTreeBuilder _builder = new(new ObjectReader(store), tenantId, parents: null);

    /// <summary>The objects, and the commit among them that is the document's head.</summary>
    /// <exception cref="MalformedMessageException">The summary names what is not there, or has names that a tree can not have.</exception>
    public async Task<(IReadOnlyCollection<GitObject> Objects, ObjectId Head)> BuildAsync(
        SummaryTree summary, InitialProtocol protocol, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var app = summary.Children.TryGetValue(SummaryLayout.App, out var node)
            ? node as SummaryTree ?? throw new MalformedMessageException($"{SummaryLayout.App} must be a tree")
            : summary;
        var entries = await _builder.BuildAsync(app, cancellationToken);
        entries.Add(await BuildProtocolAsync(summary, protocol, cancellationToken));
        var commit = ServiceAuthor.Commit(_builder.Tree(entries).Id, head: null, Message, now);
        return ([.. _builder.Objects, commit], commit.Id);
    }

    private async Task<GitTreeEntry> BuildProtocolAsync(SummaryTree summary, InitialProtocol protocol, CancellationToken cancellationToken)
    {
        if (protocol.IsSummarysOwn)
        {
            return await _builder.BuildAsync(ProtocolTree.Name, summary.Children[ProtocolTree.Name], cancellationToken);
        }

        var quorum = QuorumSnapshot.Initial(protocol.SequenceNumber, protocol.Values);
        var tree = ProtocolTree.Build(quorum, protocol.SequenceNumber, protocol.SequenceNumber, _builder.Objects);
        return new GitTreeEntry(GitFileMode.Directory, ProtocolTree.Name, tree.Id);
    }
}
