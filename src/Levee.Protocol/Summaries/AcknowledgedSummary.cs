namespace Levee.Protocol;

/// <summary>The last summary that was acknowledged.</summary>
/// <param name="Handle">Its commit.</param>
/// <param name="ReferenceSequenceNumber">What it covers: a client that loads it continues after this number.</param>
/// <param name="SequenceNumber">The SN of its <c>summarize</c> op.</param>
public sealed record AcknowledgedSummary(string Handle, long ReferenceSequenceNumber, long SequenceNumber);
