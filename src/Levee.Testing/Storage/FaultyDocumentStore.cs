using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Testing.Storage;

/// <summary>
/// A store over another one that fails or stalls when it is told to, as a disk would: a write that fails keeps nothing, one that stalls waits
/// before it keeps anything. Between faults it is the store below it. May be used from any thread.
/// </summary>
/// <param name="documents">The store below.</param>
/// <param name="tenants">The tenants below; usually the same store.</param>
/// <param name="revocations">The revocations below; usually the same store.</param>
public sealed class FaultyDocumentStore(IDocumentStore documents, ITenantStore tenants, IRevocationStore revocations)
    : IDocumentStore, ITenantStore, IRevocationStore, IStorageHealth
{
    private readonly Lock _gate = new();
    private (int Left, StorageFault Fault) _writes;
    private (int Left, StorageFault Fault) _reads;
    private StorageTrouble? _trouble;
    private TaskCompletionSource? _stall;
    private int _stalled;

    /// <summary>
    /// What the store below says, or the last failure of this one, until something succeeds again. Unlike a disk's, it is not over by itself: see <see cref="Heal"/>.
    /// </summary>
    public StorageTrouble? Trouble => Volatile.Read(ref _trouble) ?? (documents as IStorageHealth)?.Trouble;

    /// <summary>How many writes wait for <see cref="Resume"/>.</summary>
    public int StalledWrites => Volatile.Read(ref _stalled);

    /// <summary>How many reads and writes have failed.</summary>
    public int Failures { get; private set; }

    /// <summary>Makes the next writes fail.</summary>
    /// <param name="count">How many; without end, until <see cref="Heal"/>, when absent.</param>
    /// <param name="fault">As what.</param>
    public void FailWrites(int count = int.MaxValue, StorageFault fault = StorageFault.Full)
    {
        lock (_gate)
        {
            _writes = (count, fault);
        }
    }

    /// <summary>Makes the next reads fail.</summary>
    /// <param name="count">How many; without end, until <see cref="Heal"/>, when absent.</param>
    /// <param name="fault">As what.</param>
    public void FailReads(int count = int.MaxValue, StorageFault fault = StorageFault.Unreachable)
    {
        lock (_gate)
        {
            _reads = (count, fault);
        }
    }

    /// <summary>Makes writes wait, for <see cref="Resume"/>; then they are written, or fail if that was asked for.</summary>
    public void StallWrites()
    {
        lock (_gate)
        {
            _stall ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Lets go of writes that wait; whether they fail is as it was.</summary>
    public void Resume()
    {
        TaskCompletionSource? stall;
        lock (_gate)
        {
            (stall, _stall) = (_stall, null);
        }

        stall?.SetResult();
    }

    /// <summary>Ends all faults, and says so.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            (_writes, _reads) = (default, default);
        }

        Volatile.Write(ref _trouble, null);
        Resume();
    }

    /// <inheritdoc/>
    public ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken) =>
        WriteAsync(() => documents.CreateDocumentAsync(document, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.FindDocumentAsync(key, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken) =>
        WriteAsync(() => documents.AppendAsync(request, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<DeltaBatch> ReadDeltasAsync(
        DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.ReadDeltasAsync(key, after, through, maxCount, maxBytes, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.ReadCheckpointAsync(key, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        WriteAsync(() => documents.WriteCheckpointAsync(key, checkpoint, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken) =>
        await WriteAsync(async () =>
        {
            await documents.PutObjectsAsync(tenantId, objects, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.FindObjectAsync(tenantId, id, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.FindObjectKindAsync(tenantId, id, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.FindRefAsync(tenantId, name, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(
        string tenantId, string documentId, int maxCount, CancellationToken cancellationToken) =>
        ReadAsync(() => documents.ListRefsAsync(tenantId, documentId, maxCount, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<bool> UpdateRefAsync(
        string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken) =>
        WriteAsync(() => documents.UpdateRefAsync(tenantId, name, expected, target, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => tenants.ListTenantsAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken) =>
        await WriteAsync(async () =>
        {
            await tenants.SaveTenantAsync(tenant, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken) =>
        WriteAsync(() => tenants.DeleteTenantAsync(tenantId, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRevocation>> ListRevocationsAsync(CancellationToken cancellationToken) =>
        ReadAsync(() => revocations.ListRevocationsAsync(cancellationToken));

    /// <inheritdoc/>
    public async ValueTask SaveRevocationAsync(StoredRevocation revocation, CancellationToken cancellationToken) =>
        await WriteAsync(async () =>
        {
            await revocations.SaveRevocationAsync(revocation, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask<bool> DeleteRevocationAsync(
        string tenantId, RevocationKind kind, string subject, CancellationToken cancellationToken) =>
        WriteAsync(() => revocations.DeleteRevocationAsync(tenantId, kind, subject, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask DeleteExpiredRevocationsAsync(DateTimeOffset moment, CancellationToken cancellationToken) =>
        await WriteAsync(async () =>
        {
            await revocations.DeleteExpiredRevocationsAsync(moment, cancellationToken);
            return true;
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => documents.DisposeAsync();

    private async ValueTask<T> WriteAsync<T>(Func<ValueTask<T>> write)
    {
        if (Volatile.Read(ref _stall) is { } stall)
        {
            Interlocked.Increment(ref _stalled);
            await stall.Task;
            Interlocked.Decrement(ref _stalled);
        }

        ThrowIfDue(ref _writes, "The write was not kept");
        return await SucceedAsync(write());
    }

    private async ValueTask<T> ReadAsync<T>(Func<ValueTask<T>> read)
    {
        ThrowIfDue(ref _reads, "Reading failed");
        return await SucceedAsync(read());
    }

    private async ValueTask<T> SucceedAsync<T>(ValueTask<T> call)
    {
        var result = await call;
        lock (_gate)
        {
            if (_writes.Left == 0 && _reads.Left == 0)
            {
                Volatile.Write(ref _trouble, null);
            }
        }

        return result;
    }

    private void ThrowIfDue(ref (int Left, StorageFault Fault) faults, string what)
    {
        lock (_gate)
        {
            if (faults.Left == 0)
            {
                return;
            }

            faults.Left -= faults.Left == int.MaxValue ? 0 : 1;
            Failures++;
            var failure = new StorageException($"{what}: a fault of kind {faults.Fault} was asked for.", fault: faults.Fault);
            Volatile.Write(ref _trouble, new StorageTrouble(failure.Fault, failure.Message, DateTimeOffset.UtcNow));
            throw failure;
        }
    }
}
