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
    // How many service summaries may lie between a client's knowledge and the head; who is further behind loads anew.
    private const int MaxServiceSummaries = 256;

    private readonly ObjectReader _objects = new(store);

    /// <summary>Checks a summary against the document's head and the last acknowledged one.</summary>
    public async Task<SummaryVerdict> CheckAsync(
        DocumentKey document, PendingSummary summary, string? head, AcknowledgedSummary? last, CancellationToken cancellationToken)
    {
        try
        {
            var contents = SummarizeContents.Parse(summary.Contents);
            if (summary.ReferenceSequenceNumber <= last?.ReferenceSequenceNumber)
            {
                throw new MalformedMessageException(
                    $"Proposed summary at {summary.ReferenceSequenceNumber} is not newer than the last acknowledged one at {last.ReferenceSequenceNumber}");
            }

            await RequireHeadAsync(document.TenantId, contents.Head, head, last, cancellationToken);
            ObjectId? parent = ObjectId.TryParse(head, out var current) ? current : null;
            await RequireParentsAsync(document.TenantId, contents, parent, cancellationToken);
            CommitService.RequireMessage(contents.Message);
            var app = await FindAppTreeAsync(document.TenantId, contents, cancellationToken);
            await new SummarySize(_objects, document.TenantId).RequireListableAsync(EntriesOf(app), cancellationToken);
            return SummaryVerdict.Accepted(await WriteAsync(document, summary, contents.Message, parent, app, cancellationToken));
        }
        catch (MalformedMessageException e)
        {
            return SummaryVerdict.Refused(e.Message);
        }
    }

    /// <summary>
    /// A summary builds on the head that everybody else loads, or it would undo what another one holds. The last acknowledged summary, or before the
    /// first one the initial one, is as good when only service summaries came after it: they hold the same, and clients are not told of them.
    /// </summary>
    private async Task RequireHeadAsync(
        string tenantId, string? proposed, string? head, AcknowledgedSummary? last, CancellationToken cancellationToken)
    {
        if (proposed == head
            || (proposed is not null && proposed == last?.Handle)
            || (ObjectId.TryParse(proposed, out var id) && ObjectId.TryParse(head, out var start) && await IsSinceLastAsync(tenantId, id, start, last, cancellationToken)))
        {
            return;
        }

        throw new MalformedMessageException(
            $"Proposed parent summary {Quote(proposed)} does not match actual parent summary {Quote(last?.Handle ?? head)}");
    }

    /// <summary>Whether a commit is among those from the head down to the last acknowledged summary, or to the initial one: all but that are service summaries.</summary>
    private async Task<bool> IsSinceLastAsync(
        string tenantId, ObjectId proposed, ObjectId head, AcknowledgedSummary? last, CancellationToken cancellationToken)
    {
        ObjectId? current = head;
        for (var looked = 0; looked < MaxServiceSummaries && current is { } id && id.ToString() != last?.Handle; looked++)
        {
            if (id == proposed)
            {
                return true;
            }

            current = await FirstParentAsync(tenantId, id, cancellationToken);
        }

        return false;
    }

    /// <summary>An id as it is; other text of a client is neither logged nor sequenced again.</summary>
    private static string Quote(string? id) =>
        id is null ? "none" : ObjectId.TryParse(id, out var parsed) ? $"\"{parsed}\"" : "that is no object id";

    /// <summary>
    /// Parents may only be versions of the document itself. They decide nothing: the one parent of what is accepted is the head, whichever valid
    /// summary the client knew of, or versions would be lost, and those of another document taken for this one's.
    /// </summary>
    private async Task RequireParentsAsync(
        string tenantId, SummarizeContents contents, ObjectId? head, CancellationToken cancellationToken)
    {
        var named = new HashSet<ObjectId>();
        foreach (var parent in contents.Parents)
        {
            named.Add(ObjectId.TryParse(parent, out var id) ? id : throw InvalidParents());
        }

        var current = head;
        for (var looked = 0; named.Count > 0; looked++)
        {
            if (current is not { } version || looked == ObjectLimits.MaxAncestors)
            {
                throw InvalidParents();
            }

            named.Remove(version);
            current = await FirstParentAsync(tenantId, version, cancellationToken);
        }
    }

    private async Task<ObjectId?> FirstParentAsync(string tenantId, ObjectId commit, CancellationToken cancellationToken) =>
        ObjectReader.CommitOf(await _objects.FollowAsync(tenantId, commit, GitObjectKind.Commit, cancellationToken)).Parents is [var parent, ..]
            ? parent
            : null;

    private static MalformedMessageException InvalidParents() => new("One or more parent summaries are invalid");

    /// <summary>The handle names the app's tree or, from Levee's own driver, a commit of it, of which nothing but the tree counts.</summary>
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

        var app = ObjectReader.EntriesOf(tree).FirstOrDefault(entry => entry.Name == SummaryLayout.App && entry.Mode == GitFileMode.Directory)
            ?? throw new MalformedMessageException($"The summary says that it includes the protocol tree, but has no {SummaryLayout.App}");
        return await _objects.RequireAsync(tenantId, app.Id, GitObjectKind.Tree, cancellationToken);
    }

    /// <summary>Writes the snapshot: the app's tree and, beside its entries, the quorum as of what the summary covers.</summary>
    private async Task<ObjectId> WriteAsync(
        DocumentKey document,
        PendingSummary summary,
        string message,
        ObjectId? parent,
        GitObject app,
        CancellationToken cancellationToken)
    {
        var covered = summary.ReferenceSequenceNumber;
        var objects = new List<GitObject>();
        var minimum = await ReadMinimumAsync(document, covered, cancellationToken);
        var protocol = ProtocolTree.Build(summary.Quorum, covered, minimum, objects);
        var flags = await FindFlagsAsync(document.TenantId, app, parent, cancellationToken);
        var root = GitTree.Create(
        [
            .. EntriesOf(app),
            .. flags.Build(objects) is { } service ? [service] : Array.Empty<GitTreeEntry>(),
            new GitTreeEntry(GitFileMode.Directory, ProtocolTree.Name, protocol.Id),
        ]).ToObject();
        var author = ServiceAuthor.At(time.GetUtcNow());
        var commit = new GitCommit(root.Id, parent is { } head ? [head] : [], author, author, message).ToObject();
        objects.Add(root);
        objects.Add(commit);
        await store.PutObjectsAsync(document.TenantId, objects, cancellationToken);
        return commit.Id;
    }

    /// <summary>The app's parts, without what the client may have uploaded under the service's names.</summary>
    private static IEnumerable<GitTreeEntry> EntriesOf(GitObject app) => ObjectReader.EntriesOf(app).Where(entry => !SummaryLayout.IsService(entry.Name));

    /// <summary>What an upload says of its trees or, since clients that go tree by tree have no words for that, what the head says of those that are unchanged.</summary>
    private async Task<SummaryFlags> FindFlagsAsync(string tenantId, GitObject app, ObjectId? head, CancellationToken cancellationToken)
    {
        var flags = await SummaryFlags.ReadAsync(_objects, tenantId, ObjectReader.EntriesOf(app), cancellationToken);
        if (!flags.AreStated && head is { } id)
        {
            var root = ObjectReader.CommitOf(await _objects.FollowAsync(tenantId, id, GitObjectKind.Commit, cancellationToken)).Tree;
            await flags.KeepUnchangedAsync(_objects, tenantId, root, app.Id, cancellationToken);
        }

        return flags;
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
