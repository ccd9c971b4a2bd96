namespace Levee.Protocol;

/// <summary>
/// One op as a client submitted it: the few numbers that the sequencer reads, and every other member as the bytes that were
/// sent.
/// </summary>
public readonly record struct DocumentMessage
{
    /// <summary>The message type; see <see cref="MessageType"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The client sequence number (CSN): 1, 2, 3 ... per connection.</summary>
    public required long ClientSequenceNumber { get; init; }

    /// <summary>The reference sequence number (RSN): the last SN that the client had processed; -1 means "now".</summary>
    public required long ReferenceSequenceNumber { get; init; }

    /// <summary>
    /// The members that pass through untouched (<c>contents</c>, <c>metadata</c>, <c>compression</c>, unknown ones), as JSON text
    /// <c>"name":value,"name":value</c> without braces, in the order sent; empty when there are none.
    /// </summary>
    public ReadOnlyMemory<byte> Members { get; init; }

    /// <summary>The JSON text of <c>contents</c>, a slice of <see cref="Members"/>; empty when the op has none.</summary>
    public ReadOnlyMemory<byte> Contents { get; init; }

    /// <summary>True when <c>contents</c> was sent, explicitly, as <c>null</c>: never urgent in a no-op.</summary>
    public bool HasNullContents => Contents.Span.SequenceEqual("null"u8);
}
