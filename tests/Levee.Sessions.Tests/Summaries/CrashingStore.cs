using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions.Tests;

/// <summary>
/// A store under a process that dies: the write of a given number is the last one. It is kept or not, its caller never learns which, and nothing
/// that comes after it is kept.
/// </summary>
internal sealed class CrashingStore(IDocumentStore store, int lastWrite, bool isLastKept) : IDocumentStore
{
    private int _writes;

    public bool HasCrashed => Volatile.Read(ref _writes) > lastWrite;

    public ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken) =>
        WriteAsync(() => store.AppendAsync(request, cancellationToken));

    public ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        WriteAsync(() => store.WriteCheckpointAsync(key, checkpoint, cancellationToken));

    public async ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken) =>
        await WriteAsync(async () =>
        {
            await store.PutObjectsAsync(tenantId, objects, cancellationToken);
            return true;
        });

    public ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken) =>
        store.CreateDocumentAsync(document, cancellationToken);

    public ValueTask<bool> UpdateRefAsync(string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken) =>
        store.UpdateRefAsync(tenantId, name, expected, target, cancellationToken);

    public ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken) => store.FindDocumentAsync(key, cancellationToken);

    public ValueTask<DeltaBatch> ReadDeltasAsync(DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        store.ReadDeltasAsync(key, after, through, maxCount, maxBytes, cancellationToken);

    public ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken) => store.ReadCheckpointAsync(key, cancellationToken);

    public ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        store.FindObjectAsync(tenantId, id, cancellationToken);

    public ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        store.FindObjectKindAsync(tenantId, id, cancellationToken);

    public ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        store.FindRefAsync(tenantId, name, cancellationToken);

    public ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(string tenantId, string documentId, int maxCount, CancellationToken cancellationToken) =>
        store.ListRefsAsync(tenantId, documentId, maxCount, cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private async ValueTask<T> WriteAsync<T>(Func<ValueTask<T>> write)
    {
        var number = Interlocked.Increment(ref _writes);
        if (number < lastWrite)
        {
            return await write();
        }

        if (number == lastWrite)
        {
            Interlocked.Increment(ref _writes);
            if (isLastKept)
            {
                await write();
            }
        }

        throw new IOException("The process is dead.");
    }
}
