using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// What a proposed summary must be to become the document's head: the reference service's rules ("scribe"), and that everybody can load it.
/// </summary>
/// <param name="store">Where the document and the summary's objects are.</param>
/// <param name="tenantId">Whose they are.</param>
/// <param name="head">The document's head; null when it has none.</param>
/// <param name="last">The last acknowledged summary; null when there is none.</param>
internal sealed class SummaryRules(IDocumentStore store, string tenantId, ObjectId? head, AcknowledgedSummary? last)
{
    // How many service summaries may lie between a client's knowledge and the head; who is further behind loads anew.
    private const int MaxServiceSummaries = 256;

    private readonly ObjectReader _objects = new(store);

    /// <summary>Checks one rule after the other, and gives the tree that has the app's parts at its root.</summary>
    /// <exception cref="MalformedMessageException">A rule is broken; the message says which, to all clients.</exception>
    public async Task<GitObject> CheckAsync(SummarizeContents contents, long referenceSequenceNumber, CancellationToken cancellationToken)
    {
        RequireNewer(referenceSequenceNumber);
        await RequireHeadAsync(contents.Head, cancellationToken);
        await RequireParentsAsync(contents.Parents, cancellationToken);
        CommitService.RequireMessage(contents.Message);
        var app = await RequireAppTreeAsync(contents, cancellationToken);
        await new SummarySize(_objects, tenantId).RequireListableAsync(SummaryLayout.PartsOf(app), cancellationToken);
        return app;
    }

    private void RequireNewer(long referenceSequenceNumber)
    {
        if (referenceSequenceNumber <= last?.ReferenceSequenceNumber)
        {
            throw new MalformedMessageException(
                $"Proposed summary at {referenceSequenceNumber} is not newer than the last acknowledged one at {last.ReferenceSequenceNumber}");
        }
    }

    /// <summary>
    /// A summary builds on the head that everybody else loads, or it would undo what another one holds. The last acknowledged summary, or before the
    /// first one the initial one, is as good when only service summaries came after it: they hold the same, and clients are not told of them.
    /// </summary>
    private async Task RequireHeadAsync(string? proposed, CancellationToken cancellationToken)
    {
        if (proposed == head?.ToString()
            || (proposed is not null && proposed == last?.Handle)
            || (ObjectId.TryParse(proposed, out var id) && await IsSinceLastAsync(id, cancellationToken)))
        {
            return;
        }

        throw new MalformedMessageException(
            $"Proposed parent summary {Quote(proposed)} does not match actual parent summary {Quote(last?.Handle ?? head?.ToString())}");
    }

    /// <summary>Whether a commit is among those from the head down to the last acknowledged summary, or to the initial one: all but that are service summaries.</summary>
    private async Task<bool> IsSinceLastAsync(ObjectId proposed, CancellationToken cancellationToken)
    {
        var current = head;
        for (var looked = 0; looked < MaxServiceSummaries && current is { } id && id.ToString() != last?.Handle; looked++)
        {
            if (id == proposed)
            {
                return true;
            }

            current = await FirstParentAsync(id, cancellationToken);
        }

        return false;
    }

    /// <summary>
    /// Parents may only be versions of the document itself. They decide nothing: the one parent of what is accepted is the head, whichever valid
    /// summary the client knew of, or versions would be lost, and those of another document taken for this one's.
    /// </summary>
    private async Task RequireParentsAsync(IEnumerable<string> parents, CancellationToken cancellationToken)
    {
        var named = parents.Select(parent => ObjectId.TryParse(parent, out var id) ? id : throw InvalidParents()).ToHashSet();
        var current = head;
        for (var looked = 0; named.Count > 0; looked++)
        {
            if (current is not { } version || looked == ObjectLimits.MaxAncestors)
            {
                throw InvalidParents();
            }

            named.Remove(version);
            current = await FirstParentAsync(version, cancellationToken);
        }
    }

    /// <summary>The handle names the app's tree or, from Levee's own driver, a commit of it, of which nothing but the tree counts.</summary>
    private async Task<GitObject> RequireAppTreeAsync(SummarizeContents contents, CancellationToken cancellationToken)
    {
        GitObjectKind? kind = ObjectId.TryParse(contents.Handle, out var id)
            ? await store.FindObjectKindAsync(tenantId, id, cancellationToken)
            : null;
        if (kind == GitObjectKind.Commit)
        {
            id = ObjectReader.CommitOf(await _objects.RequireAsync(tenantId, id, GitObjectKind.Commit, cancellationToken)).Tree;
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

    private async Task<ObjectId?> FirstParentAsync(ObjectId commit, CancellationToken cancellationToken) =>
        (await _objects.ReadCommitAsync(tenantId, commit, cancellationToken)).Parents is [var parent, ..] ? parent : null;

    /// <summary>An id as it is; other text of a client is neither logged nor sequenced again.</summary>
    private static string Quote(string? id) =>
        id is null ? "none" : ObjectId.TryParse(id, out var parsed) ? $"\"{parsed}\"" : "that is no object id";

    private static MalformedMessageException InvalidParents() => new("One or more parent summaries are invalid");
}
