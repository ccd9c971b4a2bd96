namespace Levee.Protocol;

/// <summary>
/// The quorum now, and as it was at every number from the MSN on: a summary holds the quorum as of its op's RSN, which may lie
/// below the newest number but never below the MSN.
/// </summary>
public sealed class QuorumHistory
{
    // Ascending. The first is the newest one at or below the MSN; the others are above it.
    private readonly LinkedList<QuorumSnapshot> _snapshots = new();

    /// <summary>Starts from a known quorum.</summary>
    public QuorumHistory(QuorumSnapshot start) => _snapshots.AddLast(start);

    /// <summary>Puts a history back as a checkpoint has it.</summary>
    /// <param name="snapshots">At least one, ascending by number.</param>
    public QuorumHistory(IEnumerable<QuorumSnapshot> snapshots)
    {
        foreach (var snapshot in snapshots)
        {
            _snapshots.AddLast(snapshot);
        }
    }

    /// <summary>The quorums that are remembered, oldest first: the newest at or below the MSN, and all above it.</summary>
    public IEnumerable<QuorumSnapshot> Snapshots => _snapshots;

    /// <summary>The quorum after the last message.</summary>
    public QuorumSnapshot Current => _snapshots.Last!.Value;

    /// <summary>Follows a sequenced message.</summary>
    public void Apply(in SequencedDocumentMessage message)
    {
        var next = Current.After(message);
        if (!ReferenceEquals(next, Current))
        {
            _snapshots.AddLast(next);
        }

        while (_snapshots.First!.Next is { } second && second.Value.SequenceNumber <= message.MinimumSequenceNumber)
        {
            _snapshots.RemoveFirst();
        }
    }

    /// <summary>The quorum as it was after <paramref name="sequenceNumber"/>, which is not below the MSN.</summary>
    public QuorumSnapshot At(long sequenceNumber)
    {
        var node = _snapshots.Last!;
        while (node.Value.SequenceNumber > sequenceNumber && node.Previous is { } earlier)
        {
            node = earlier;
        }

        return node.Value;
    }
}
