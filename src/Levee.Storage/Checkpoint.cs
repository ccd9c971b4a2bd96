namespace Levee.Storage;

/// <summary>A document's protocol state as of a sequence number; what it holds is the session's business.</summary>
/// <param name="SequenceNumber">The SN that the state reflects.</param>
/// <param name="State">The encoded state.</param>
public sealed record Checkpoint(long SequenceNumber, ReadOnlyMemory<byte> State);
