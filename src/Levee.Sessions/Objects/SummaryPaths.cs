using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Finds what a summary handle means: a path in the last acknowledged summary of a document (its initial one before the first). Trees
/// that paths lead through are read once per instance. Used by one request.
/// </summary>
public sealed class SummaryPaths(IDocumentStore store, DocumentKey document)
{
    private readonly ObjectReader _objects = new(store);
    private readonly TreePaths _paths = new(new ObjectReader(store), document.TenantId);
    private ObjectId? _root;

    /// <summary>The entry at a path such as <c>/.channels/abc</c>; the slash in front may be missing.</summary>
    /// <exception cref="MalformedMessageException">There is no summary, or nothing at that path.</exception>
    public async Task<GitTreeEntry> FindAsync(string path, CancellationToken cancellationToken) =>
        await _paths.FindAsync(_root ??= await FindRootAsync(cancellationToken), path, cancellationToken) is [.., var entry]
            ? entry
            : throw new MalformedMessageException($"There is nothing at '{path}' in the document's last acknowledged summary");

    private async Task<ObjectId> FindRootAsync(CancellationToken cancellationToken)
    {
        var head = await store.FindRefAsync(document.TenantId, GitRef.OfDocument(document.DocumentId), cancellationToken)
            ?? throw new MalformedMessageException("Only object ids will do: the token's document has no summary that a path could be looked up in");
        return (await _objects.ReadCommitAsync(document.TenantId, head, cancellationToken)).Tree;
    }
}
