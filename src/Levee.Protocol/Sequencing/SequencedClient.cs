namespace Levee.Protocol;

/// <summary>What the sequencer knows of one write client.</summary>
public sealed class SequencedClient
{
    internal SequencedClient(string clientId, bool maySummarize, long referenceSequenceNumber, long now)
    {
        ClientId = clientId;
        MaySummarize = maySummarize;
        ReferenceSequenceNumber = referenceSequenceNumber;
        LastActive = now;
    }

    /// <summary>The client's id.</summary>
    public string ClientId { get; }

    /// <summary>Whether its token carried <see cref="Scopes.SummaryWrite"/>.</summary>
    public bool MaySummarize { get; }

    /// <summary>Its last CSN; 0 when it has sent nothing.</summary>
    public long ClientSequenceNumber { get; internal set; }

    /// <summary>Its last RSN; the MSN of the moment when it joined.</summary>
    public long ReferenceSequenceNumber { get; internal set; }

    /// <summary>True once an op of it was below the MSN: everything that it sends after that is nacked.</summary>
    public bool IsNacked { get; internal set; }

    /// <summary>When it last sent something that counts, in milliseconds since the Unix epoch.</summary>
    public long LastActive { get; internal set; }

    /// <summary>Its place in <see cref="ReferenceSequenceNumberHeap"/>.</summary>
    internal int HeapIndex { get; set; }
}
