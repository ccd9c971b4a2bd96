using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>A process's way to the disk. All tasks are completed by the simulation's loop, never on another thread.</summary>
internal sealed class DiskConnection(SimulatedDisk disk, SimulatedProcess process) : IDocumentStore
{
    /// <summary>True to let documents be rebuilt from their logs alone.</summary>
    public bool HidesCheckpoints { get; set; }

    public ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken)
    {
        disk.Create(document);
        return ValueTask.FromResult(true);
    }

    public ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken) =>
        ReadAsync(() => disk.Find(key)?.Record);

    public ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        var write = new DiskWrite(process) { Append = request };
        disk.Write(write);
        return new ValueTask<AppendOutcome>(write.Done);
    }

    public ValueTask<DeltaBatch> ReadDeltasAsync(
        DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(() => disk.Find(key)?.Read(after, through, maxCount, maxBytes) ?? new DeltaBatch(after + 1, ReadOnlyMemory<byte>.Empty, []));

    public ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken) =>
        ReadAsync(() => HidesCheckpoints ? null : disk.Find(key)?.Checkpoint);

    public async ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken)
    {
        var write = new DiskWrite(process) { Checkpoint = (key, checkpoint) };
        disk.Write(write);
        await write.Done;
        return write.CheckpointKept;
    }

    public async ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken)
    {
        var write = new DiskWrite(process) { Objects = [.. objects] };
        disk.Write(write);
        await write.Done;
    }

    public ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        ReadAsync(() => disk.FindObject(id));

    public ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        ReadAsync(() => disk.FindObject(id)?.Kind);

    public ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        ReadAsync(() => disk.FindHead(name));

    public ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(
        string tenantId, string documentId, int maxCount, CancellationToken cancellationToken) => throw new NotSupportedException("Sessions list no refs.");

    public ValueTask<bool> UpdateRefAsync(
        string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken) => throw new NotSupportedException("Sessions move heads by appends alone.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<T> ReadAsync<T>(Func<T> read)
    {
        var answer = new TaskCompletionSource<T>();
        disk.Read(process, () => answer.SetResult(read()), () => answer.SetException(new StorageException("A fault of the simulated disk.")));
        return new ValueTask<T>(answer.Task);
    }
}
