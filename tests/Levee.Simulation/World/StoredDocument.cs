using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>One document as it is on the disk, and what the disk's memory knows of writes that are not durable yet.</summary>
internal sealed class StoredDocument(NewDocument created)
{
    private readonly List<byte[]> _ops = [];
    private long _lastInMemory = created.InitialSequenceNumber;
    private ObjectId? _headInMemory = created.Head;

    public DocumentKey Key => created.Key;

    public ObjectId? Head { get; private set; } = created.Head;

    public Checkpoint? Checkpoint { get; private set; }

    public long LastSequenceNumber => created.InitialSequenceNumber + _ops.Count;

    public DocumentRecord Record => new(
        created.Key, created.CreatedAt, created.InitialSequenceNumber, created.InitialState, LastSequenceNumber);

    /// <summary>Compares in memory, and remembers there what is to become durable.</summary>
    public AppendOutcome Take(AppendRequest append, bool hasNoFence)
    {
        if (append.Deltas.FirstSequenceNumber != _lastInMemory + 1 && !hasNoFence)
        {
            return AppendOutcome.Fenced;
        }

        if (append.Head is { } head)
        {
            if (head.Expected != _headInMemory)
            {
                return AppendOutcome.HeadMoved;
            }

            _headInMemory = head.Target;
        }

        _lastInMemory = append.Deltas.LastSequenceNumber;
        return AppendOutcome.Appended;
    }

    /// <summary>Makes an append durable.</summary>
    public void Keep(AppendRequest append, bool isTorn)
    {
        var index = (int)Math.Min(append.Deltas.FirstSequenceNumber - 1 - created.InitialSequenceNumber, _ops.Count);
        _ops.RemoveRange(index, _ops.Count - index);
        for (var i = 0; i < append.Deltas.Count - (isTorn ? 1 : 0); i++)
        {
            _ops.Add(append.Deltas[i].ToArray());
        }

        Head = append.Head?.Target ?? Head;
        if (append.Checkpoint is { } checkpoint)
        {
            Keep(checkpoint);
        }
    }

    public bool Keep(Checkpoint checkpoint)
    {
        if (checkpoint.SequenceNumber < Checkpoint?.SequenceNumber || checkpoint.SequenceNumber > LastSequenceNumber)
        {
            return false;
        }

        Checkpoint = checkpoint with { State = checkpoint.State.ToArray() };
        return true;
    }

    public void ForgetUnsynced()
    {
        _lastInMemory = LastSequenceNumber;
        _headInMemory = Head;
    }

    public DeltaBatch Read(long after, long through, int maxCount, int maxBytes)
    {
        var builder = new DeltaBatchBuilder();
        for (var i = Math.Max(after, created.InitialSequenceNumber) - created.InitialSequenceNumber; i < _ops.Count && builder.Count < maxCount; i++)
        {
            var (number, json) = (created.InitialSequenceNumber + 1 + i, _ops[(int)i]);
            if (number > through || (builder.Count > 0 && builder.Bytes + json.Length > maxBytes))
            {
                break;
            }

            builder.AddEncoded(number, json);
        }

        return builder.Count > 0 ? builder.Build() : new DeltaBatch(after + 1, ReadOnlyMemory<byte>.Empty, []);
    }

    // What follows is for deliberate defects.

    public void MoveHead(ObjectId target) => Head = target;

    public void LoseLast()
    {
        if (_ops.Count > 0)
        {
            _ops.RemoveAt(_ops.Count - 1);
            Checkpoint = Checkpoint?.SequenceNumber > LastSequenceNumber ? null : Checkpoint;
        }
    }
}
