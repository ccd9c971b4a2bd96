using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Storage;

/// <summary>
/// What is kept of documents: catalog, op log, checkpoints, git objects and refs. Every backend passes the same contract tests.
/// Conflicts and absences are outcomes; an exception means that the store itself is broken or full, and that nothing of the
/// call was kept. When a task of a writing call completes, the write survives <c>kill -9</c> at the backend's durability level.
/// All methods may be called from any thread.
/// </summary>
public interface IDocumentStore : IAsyncDisposable
{
    /// <summary>
    /// Adds a document with its initial objects, head and state, all or nothing. False, and nothing changed, when it exists already.
    /// A ref that had the name of its head before it existed is replaced, or removed when the document has no head.
    /// </summary>
    ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken);

    /// <summary>Reads a document's catalog row; null when there is none.</summary>
    ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Appends a batch that begins exactly one above the last stored number of the document, together with what must be visible
    /// with it (head, checkpoint), all or nothing. The expected number is the fence: of two sessions of one document, one fails.
    /// </summary>
    ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads consecutive messages with <paramref name="after"/> &lt; SN &lt;= <paramref name="through"/>, at most
    /// <paramref name="maxCount"/> of them and at most about <paramref name="maxBytes"/> of JSON (but at least one message);
    /// empty when there are none. Starts at <c>after + 1</c> or, when the log starts later, at its first message.
    /// </summary>
    ValueTask<DeltaBatch> ReadDeltasAsync(
        DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken);

    /// <summary>Reads the newest checkpoint; null when there is none.</summary>
    ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken);

    /// <summary>Replaces the checkpoint, unless the stored one is newer or the log does not reach this one. True when written.</summary>
    ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken);

    /// <summary>Stores objects of a tenant, all or nothing; storing one again changes nothing.</summary>
    ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken);

    /// <summary>Reads an object of a tenant; null when that tenant has none with this id, whoever else has.</summary>
    ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken);

    /// <summary>As <see cref="FindObjectAsync"/>, but reads only what kind of object it is, at the same cost for one of any size.</summary>
    ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken);

    /// <summary>Reads where a ref of a tenant points; null when there is no such ref.</summary>
    ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken);

    /// <summary>
    /// The refs of a tenant that are no document's head and, if it has one, the head of <paramref name="documentId"/>; by name (ordinal). Null when
    /// there are more than <paramref name="maxCount"/>.
    /// </summary>
    ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(string tenantId, string documentId, int maxCount, CancellationToken cancellationToken);

    /// <summary>
    /// Points a ref at <paramref name="target"/> if it now points at <paramref name="expected"/> (null: if it does not exist).
    /// False, and nothing changed, otherwise, and always for <c>refs/heads/{id}</c> of a document of that tenant: only its creation
    /// and <see cref="AppendRequest.Head"/> set a document's head, also when this call races with the creation.
    /// </summary>
    ValueTask<bool> UpdateRefAsync(
        string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken);
}
