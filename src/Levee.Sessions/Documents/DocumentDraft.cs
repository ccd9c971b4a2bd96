namespace Levee.Sessions;

/// <summary>What a client asks a new document to start with.</summary>
/// <param name="Summary">Its initial summary, with <c>.app</c> or without; null for none.</param>
/// <param name="SequenceNumber">The number that its log starts above; null when the summary says, or for 0.</param>
/// <param name="Values">Its accepted values, the JSON of <c>quorumValues</c>; null when the summary says, or for none.</param>
public sealed record DocumentDraft(SummaryTree? Summary, long? SequenceNumber, ReadOnlyMemory<byte>? Values);
