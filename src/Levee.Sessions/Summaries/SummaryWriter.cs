using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Answers a proposed summary: where it keeps the rules, writes the commit that becomes the document's head with its acknowledgement. Objects that
/// no head ever names are harmless, so it may be stopped, or run again, at any point.
/// </summary>
internal sealed class SummaryWriter(IDocumentStore store, TimeProvider time)
{
    private readonly ObjectReader _objects = new(store);

    /// <summary>Checks a summary against the document's head and the last acknowledged one, and writes it when it may be the next.</summary>
    public async Task<SummaryVerdict> AnswerAsync(
        DocumentKey document, PendingSummary summary, ObjectId? head, AcknowledgedSummary? last, CancellationToken cancellationToken)
    {
        try
        {
            var contents = SummarizeContents.Parse(summary.Contents);
            var app = await new SummaryRules(store, document.TenantId, head, last)
                .CheckAsync(contents, summary.ReferenceSequenceNumber, cancellationToken);
            return SummaryVerdict.Accepted(await WriteAsync(document, summary, app, head, contents.Message, cancellationToken));
        }
        catch (MalformedMessageException e)
        {
            return SummaryVerdict.Refused(e.Message);
        }
    }

    /// <summary>Writes the commit of the app's tree and, beside its entries, the quorum as of what the summary covers.</summary>
    private async Task<ObjectId> WriteAsync(
        DocumentKey document, PendingSummary summary, GitObject app, ObjectId? head, string message, CancellationToken cancellationToken)
    {
        var covered = summary.ReferenceSequenceNumber;
        var objects = new List<GitObject>();
        var minimum = await ReadMinimumAsync(document, covered, cancellationToken);
        var protocol = ProtocolTree.Build(summary.Quorum, covered, minimum, objects);
        var flags = await FindFlagsAsync(document.TenantId, app, head, cancellationToken);
        var root = GitTree.Create(
        [
            .. SummaryLayout.PartsOf(app),
            .. flags.Build(objects) is { } service ? [service] : Array.Empty<GitTreeEntry>(),
            new GitTreeEntry(GitFileMode.Directory, ProtocolTree.Name, protocol.Id),
        ]).ToObject();
        var commit = ServiceAuthor.Commit(root.Id, head, message, time.GetUtcNow());
        await store.PutObjectsAsync(document.TenantId, [.. objects, root, commit], cancellationToken);
        return commit.Id;
    }

    /// <summary>What an upload says of its trees or, since clients that go tree by tree have no words for that, what the head says of those that are unchanged.</summary>
    private async Task<SummaryFlags> FindFlagsAsync(string tenantId, GitObject app, ObjectId? head, CancellationToken cancellationToken)
    {
        var stated = await SummaryFlags.ReadAsync(_objects, tenantId, ObjectReader.EntriesOf(app), cancellationToken);
        if (stated.AreStated)
        {
            return stated;
        }

        // Flags that came along unstated are those of some version, not this one's.
        var kept = new SummaryFlags();
        if (head is { } id)
        {
            var root = (await _objects.ReadCommitAsync(tenantId, id, cancellationToken)).Tree;
            await kept.KeepUnchangedAsync(_objects, tenantId, root, app.Id, cancellationToken);
        }

        return kept;
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
