using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Stores summaries that come whole, in one request. What is stored is no version of the document yet: the <c>summarize</c> op that
/// names its handle makes it one. May be called from any thread.
/// </summary>
public sealed class SummaryUploads(IDocumentStore store)
{
    /// <summary>Stores the app's tree and gives its handle. Names at the root that are the service's, such as <c>.protocol</c>, are passed over.</summary>
    /// <param name="document">The document, in whose versions handles are looked up.</param>
    /// <param name="app">The app's tree.</param>
    /// <param name="cancellationToken">Stops it; nothing is kept then.</param>
    /// <exception cref="MalformedMessageException">It names what is not there, or has names that a tree can not have; the message names the part.</exception>
    public async Task<ObjectId> StoreAsync(DocumentKey document, SummaryTree app, CancellationToken cancellationToken)
    {
        var builder = new SummaryTreeBuilder(new ObjectReader(store), document.TenantId, new SummaryParents(store, document));
        var root = builder.Tree(await builder.BuildAsync(app, cancellationToken));
        await store.PutObjectsAsync(document.TenantId, [.. builder.Objects], cancellationToken);
        return root.Id;
    }
}
