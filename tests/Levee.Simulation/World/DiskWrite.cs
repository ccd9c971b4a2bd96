using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>One write on its way to the disk.</summary>
internal sealed class DiskWrite(SimulatedProcess process)
{
    private readonly TaskCompletionSource<AppendOutcome> _done = new();

    public SimulatedProcess Process { get; } = process;

    public AppendRequest? Append { get; init; }

    public (DocumentKey Key, Checkpoint Checkpoint)? Checkpoint { get; init; }

    public IReadOnlyCollection<GitObject> Objects { get; init; } = [];

    /// <summary>True when it will never be done, since its process or the machine died.</summary>
    public bool IsCancelled { get; set; }

    public bool CheckpointKept { get; set; }

    public Task<AppendOutcome> Done => _done.Task;

    public void Succeed(AppendOutcome outcome)
    {
        if (Process.IsAlive)
        {
            _done.TrySetResult(outcome);
        }
    }

    public void Fail()
    {
        if (Process.IsAlive)
        {
            _done.TrySetException(new StorageException("A fault of the simulated disk."));
        }
    }
}
