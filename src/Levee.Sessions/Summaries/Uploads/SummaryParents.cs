using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Finds what the handles in a whole summary mean: <c>handle/.app/path</c>, a part of an acknowledged summary that is unchanged since. Only versions
/// of the document itself will do. Used by one request.
/// </summary>
internal sealed class SummaryParents(IDocumentStore store, DocumentKey document)
{
    // Stock clients name one. Each costs a look at the document's history.
    private const int MaxSummaries = 8;

    private const string AppPrefix = SummaryLayout.App + "/";

    private readonly ObjectReader _objects = new(store);
    private readonly TreePaths _paths = new(new ObjectReader(store), document.TenantId);
    private readonly Dictionary<ObjectId, Summary> _summaries = [];

    private sealed record Summary(ObjectId Root, SummaryFlags Flags);

    /// <summary>What a handle names, its path there, and what that summary says of its trees.</summary>
    /// <exception cref="MalformedMessageException">It names nothing; the message says why.</exception>
    public async Task<(GitTreeEntry Entry, string Path, SummaryFlags Flags)> FindAsync(SummaryHandle handle, CancellationToken cancellationToken)
    {
        var slash = handle.Path.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0
            || !ObjectId.TryParse(handle.Path[..slash], out var id)
            || handle.Path[(slash + 1)..].TrimStart('/') is not { } path
            || !path.StartsWith(AppPrefix, StringComparison.Ordinal))
        {
            throw new MalformedMessageException(
                "An id must be that of a stored blob, or the handle of an acknowledged summary followed by /.app/ and a path in it");
        }

        var summary = await FindSummaryAsync(id, cancellationToken);
        var found = await _paths.FindAsync(summary.Root, path[AppPrefix.Length..], cancellationToken);
        if (found is not [.., var entry] || SummaryLayout.IsService(found[0].Name))
        {
            throw new MalformedMessageException($"There is nothing of that path in summary {id}");
        }

        return handle.Kind is not { } kind || ObjectReader.KindOf(entry.Mode) == kind
            ? (entry, string.Join('/', found.Select(step => step.Name)), summary.Flags)
            : throw new MalformedMessageException($"What summary {id} has at that path is no {ObjectReader.NameOf(kind)}");
    }

    private async Task<Summary> FindSummaryAsync(ObjectId id, CancellationToken cancellationToken)
    {
        if (_summaries.TryGetValue(id, out var known))
        {
            return known;
        }

        if (_summaries.Count == MaxSummaries)
        {
            throw new MalformedMessageException($"A summary must not refer to more than {MaxSummaries} others");
        }

        if (!await IsVersionAsync(id, cancellationToken))
        {
            throw new MalformedMessageException($"{id} is no summary of this document");
        }

        var root = (await _objects.ReadCommitAsync(document.TenantId, id, cancellationToken)).Tree;
        var entries = await _objects.ReadEntriesAsync(document.TenantId, root, cancellationToken);
        return _summaries[id] = new Summary(root, await SummaryFlags.ReadAsync(_objects, document.TenantId, entries, cancellationToken));
    }

    private async Task<bool> IsVersionAsync(ObjectId id, CancellationToken cancellationToken) =>
        await _objects.ExistsAsync(document.TenantId, id, GitObjectKind.Commit, cancellationToken)
        && await store.FindRefAsync(document.TenantId, GitRef.OfDocument(document.DocumentId), cancellationToken) is { } head
        && await new CommitService(store).DescendsAsync(document.TenantId, head, id, cancellationToken);
}
