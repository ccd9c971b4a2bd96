namespace Levee.Protocol;

/// <summary>A proposed value that waits for the MSN to reach it.</summary>
/// <param name="SequenceNumber">The SN of the <c>propose</c> op.</param>
/// <param name="Key">What it proposes, such as <c>code</c>.</param>
/// <param name="Value">The value, as JSON.</param>
public sealed record QuorumProposal(long SequenceNumber, string Key, ReadOnlyMemory<byte> Value);
