using Levee.Protocol;

namespace Levee.Storage;

/// <summary>A document's row in the catalog.</summary>
/// <param name="Key">The document.</param>
/// <param name="CreatedAt">When it was created, to the millisecond.</param>
/// <param name="InitialSequenceNumber">The number that it was created with; its log starts one above.</param>
/// <param name="InitialState">What a rebuild from the log starts with; what it holds is the session's business.</param>
/// <param name="LastSequenceNumber">SN of the last stored message; the initial number when there is none.</param>
public sealed record DocumentRecord(
    DocumentKey Key, DateTimeOffset CreatedAt, long InitialSequenceNumber, ReadOnlyMemory<byte> InitialState, long LastSequenceNumber);
