namespace Levee.Protocol;

/// <summary>An accepted value.</summary>
/// <param name="Key">What it is, such as <c>code</c>.</param>
/// <param name="Value">The value, as JSON.</param>
/// <param name="SequenceNumber">The SN of its proposal.</param>
/// <param name="ApprovalSequenceNumber">The SN of the message that raised the MSN to the proposal.</param>
/// <param name="CommitSequenceNumber">No longer used by Fluid; -1, or what an initial summary says.</param>
public sealed record QuorumValue(
    string Key, ReadOnlyMemory<byte> Value, long SequenceNumber, long ApprovalSequenceNumber, long CommitSequenceNumber);
