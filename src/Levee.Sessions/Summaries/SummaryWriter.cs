using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Decides whether a proposed summary becomes the document's head, by the reference service's rules ("scribe"), and writes its
/// commit. Objects that no head ever names are harmless, so it may be stopped, or run again, at any point.
/// </summary>
internal sealed class SummaryWriter(IDocumentStore store, TimeProvider time)
{
    private const string AppTree = ".app";

    private readonly ObjectReader _objects = new(store);

    /// <summary>Checks a summary against the document's head and the last acknowledged one.</summary>
    public async Task<SummaryVerdict> CheckAsync(
        DocumentKey document, PendingSummary summary, string? head, AcknowledgedSummary? last, CancellationToken cancellationToken)
    {
        try
        {
            var contents = SummarizeContents.Parse(summary.Contents);
            RequireHead(contents.Head, head, last);
            if (summary.ReferenceSequenceNumber <= last?.ReferenceSequenceNumber)
            {
                throw new MalformedMessageException(
                    $"Proposed summary at {summary.ReferenceSequenceNumber} is not newer than the last acknowledged one at {last.ReferenceSequenceNumber}");
            }

            var parents = await FindParentsAsync(document.TenantId, contents.Parents, cancellationToken);
            var app = await FindAppTreeAsync(document.TenantId, contents, cancellationToken);
            return SummaryVerdict.Accepted(await WriteAsync(document, summary, contents.Message, parents, app, cancellationToken));
        }
        // A message longer than a commit may have is the client's fault, too.
        catch (Exception e) when (e is MalformedMessageException or GitFormatException)
        {
            return SummaryVerdict.Refused(e.Message);
        }
    }

    /// <summary>A summary builds on the head that everybody else loads, or it would undo what another one holds.</summary>
    private static void RequireHead(string? proposed, string? head, AcknowledgedSummary? last)
    {
        if (proposed != head && (proposed is null || proposed != last?.Handle))
        {
            throw new MalformedMessageException(
                $"Proposed parent summary {Quote(proposed)} does not match actual parent summary {Quote(last?.Handle ?? head)}");
        }
    }

    /// <summary>An id as it is; other text of a client is neither logged nor sequenced again.</summary>
    private static string Quote(string? id) =>
        id is null ? "none" : ObjectId.TryParse(id, out var parsed) ? $"\"{parsed}\"" : "that is no object id";

    private async Task<List<ObjectId>> FindParentsAsync(
        string tenantId, IReadOnlyList<string> parents, CancellationToken cancellationToken)
    {
        var ids = new List<ObjectId>();
        foreach (var parent in parents)
        {
            if (!ObjectId.TryParse(parent, out var id)
                || !await _objects.ExistsAsync(tenantId, id, GitObjectKind.Commit, cancellationToken))
            {
                throw new MalformedMessageException("One or more parent summaries are invalid");
            }

            ids.Add(id);
        }

        return ids;
    }

    /// <summary>The handle names the app's tree or, from Levee's own driver, a commit of it.</summary>
    private async Task<GitObject> FindAppTreeAsync(
        string tenantId, SummarizeContents contents, CancellationToken cancellationToken)
    {
        GitObjectKind? kind = ObjectId.TryParse(contents.Handle, out var id)
            ? await store.FindObjectKindAsync(tenantId, id, cancellationToken)
            : null;
        if (kind == GitObjectKind.Commit)
        {
            var commit = await _objects.RequireAsync(tenantId, id, GitObjectKind.Commit, cancellationToken);
            id = ObjectReader.CommitOf(commit).Tree;
        }
        else if (kind != GitObjectKind.Tree)
        {
            throw new MalformedMessageException($"The handle {Quote(contents.Handle)} is neither a tree nor a commit");
        }

        var tree = await _objects.RequireAsync(tenantId, id, GitObjectKind.Tree, cancellationToken);
        if (!contents.IncludesProtocolTree)
        {
            return tree;
        }

        var app = ObjectReader.EntriesOf(tree).FirstOrDefault(entry => entry.Name == AppTree && entry.Mode == GitFileMode.Directory)
            ?? throw new MalformedMessageException($"The summary says that it includes the protocol tree, but has no {AppTree}");
        return await _objects.RequireAsync(tenantId, app.Id, GitObjectKind.Tree, cancellationToken);
    }

    /// <summary>Writes the snapshot: the app's tree and, beside its entries, the quorum as of what the summary covers.</summary>
    private async Task<ObjectId> WriteAsync(
        DocumentKey document,
        PendingSummary summary,
        string message,
        IReadOnlyList<ObjectId> parents,
        GitObject app,
        CancellationToken cancellationToken)
    {
        var covered = summary.ReferenceSequenceNumber;
        var objects = new List<GitObject>();
        var minimum = await ReadMinimumAsync(document, covered, cancellationToken);
        var protocol = ProtocolTree.Build(summary.Quorum, covered, minimum, objects);
        var root = GitTree.Create(
            ObjectReader.EntriesOf(app)
                .Where(entry => entry.Name != ProtocolTree.Name)
                .Append(new GitTreeEntry(GitFileMode.Directory, ProtocolTree.Name, protocol.Id))).ToObject();
        var author = ServiceAuthor.At(time.GetUtcNow());
        var commit = new GitCommit(root.Id, parents, author, author, message).ToObject();
        objects.Add(root);
        objects.Add(commit);
        await store.PutObjectsAsync(document.TenantId, objects, cancellationToken);
        return commit.Id;
    }

    /// <summary>The MSN as it was at a number: the message of that number says it.</summary>
    private async Task<long> ReadMinimumAsync(DocumentKey document, long sequenceNumber, CancellationToken cancellationToken)
    {
        var deltas = await store.ReadDeltasAsync(
            document, sequenceNumber - 1, sequenceNumber, maxCount: 1, maxBytes: 1, cancellationToken);
        // Without a message of that number it is the one that the document was created with.
        return deltas.Count == 0 ? sequenceNumber : SequencedMessageReader.Read(deltas[0]).MinimumSequenceNumber;
    }
}
