using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>The newest batches of a live document, up to a number of bytes: who is only a little behind catches up from here.</summary>
internal sealed class RecentDeltas(int capacityBytes)
{
    // What a batch costs beside its JSON: object headers and the array of ends.
    private const int BatchOverhead = 128;

    private readonly Queue<DeltaBatch> _batches = new();
    private long _bytes;

    public void Add(DeltaBatch batch)
    {
        _batches.Enqueue(batch);
        _bytes += Cost(batch);
        while (_bytes > capacityBytes && _batches.TryDequeue(out var oldest))
        {
            _bytes -= Cost(oldest);
        }
    }

    /// <summary>All messages above <paramref name="after"/>; false when the oldest of them is no longer here.</summary>
    public bool TryRead(long after, out IReadOnlyList<DeltaBatch> batches)
    {
        batches = [];
        if (!_batches.TryPeek(out var oldest) || oldest.FirstSequenceNumber > after + 1)
        {
            return false;
        }

        batches = [.. _batches.Where(batch => batch.LastSequenceNumber > after).Select(batch => batch.After(after))];
        return true;
    }

    private static long Cost(DeltaBatch batch) => batch.Json.Length + (sizeof(int) * batch.Count) + BatchOverhead;
}
