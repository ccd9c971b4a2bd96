namespace Levee.Protocol;

/// <summary>
/// Consecutive sequenced messages in their one encoded form: what the sequencer hands to the log, the log to a reader of deltas,
/// and the session to its clients. Immutable; share it freely.
/// </summary>
public sealed class DeltaBatch
{
    private readonly int[] _ends;

    /// <summary>Wraps encoded messages.</summary>
    /// <param name="firstSequenceNumber">SN of the first message.</param>
    /// <param name="json">The messages' JSON objects, separated by single commas.</param>
    /// <param name="ends">Where each message ends within <paramref name="json"/> (exclusive, before the comma).</param>
    public DeltaBatch(long firstSequenceNumber, ReadOnlyMemory<byte> json, int[] ends)
    {
        FirstSequenceNumber = firstSequenceNumber;
        Json = json;
        _ends = ends;
    }

    /// <summary>SN of the first message.</summary>
    public long FirstSequenceNumber { get; }

    /// <summary>SN of the last message; one below <see cref="FirstSequenceNumber"/> when the batch is empty.</summary>
    public long LastSequenceNumber => FirstSequenceNumber + Count - 1;

    /// <summary>How many messages there are.</summary>
    public int Count => _ends.Length;

    /// <summary>All messages as UTF-8 JSON objects separated by commas: the inside of a JSON array.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The JSON object of the message at <paramref name="index"/>, counted from 0.</summary>
    public ReadOnlyMemory<byte> this[int index]
    {
        get
        {
            var start = index == 0 ? 0 : _ends[index - 1] + 1;
            return Json[start.._ends[index]];
        }
    }

    /// <summary>The messages above <paramref name="sequenceNumber"/>, without copying their bytes.</summary>
    public DeltaBatch After(long sequenceNumber)
    {
        var skip = (int)Math.Clamp(sequenceNumber - FirstSequenceNumber + 1, 0, Count);
        if (skip == 0)
        {
            return this;
        }

        if (skip == Count)
        {
            return new DeltaBatch(LastSequenceNumber + 1, ReadOnlyMemory<byte>.Empty, []);
        }

        var start = _ends[skip - 1] + 1;
        var ends = new int[Count - skip];
        for (var i = 0; i < ends.Length; i++)
        {
            ends[i] = _ends[i + skip] - start;
        }

        return new DeltaBatch(FirstSequenceNumber + skip, Json[start..], ends);
    }
}
