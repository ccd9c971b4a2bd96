namespace Levee.Protocol;

/// <summary>
/// One message with its place in the document's total order. Encoded once, by <see cref="DeltaBatchBuilder"/>, into the bytes that
/// are stored, broadcast and served as deltas.
/// </summary>
public readonly record struct SequencedDocumentMessage
{
    /// <summary>The sender, or null for a message of the service.</summary>
    public string? ClientId { get; init; }

    /// <summary>The sender's CSN; -1 for a message of the service.</summary>
    public long ClientSequenceNumber { get; init; }

    /// <summary>The sender's RSN; -1 for a message of the service.</summary>
    public long ReferenceSequenceNumber { get; init; }

    /// <summary>The sequence number (SN): 1, 2, 3 ... with no gap and no repeat for the life of the document.</summary>
    public long SequenceNumber { get; init; }

    /// <summary>The minimum sequence number (MSN) after this message.</summary>
    public long MinimumSequenceNumber { get; init; }

    /// <summary>When it was sequenced, in milliseconds since the Unix epoch.</summary>
    public long Timestamp { get; init; }

    /// <summary>The message type; see <see cref="MessageType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The members that pass through, as in <see cref="DocumentMessage.Members"/>.</summary>
    public ReadOnlyMemory<byte> Members { get; init; }
}
