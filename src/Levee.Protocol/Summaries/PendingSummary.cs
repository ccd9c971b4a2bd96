namespace Levee.Protocol;

/// <summary>A sequenced <c>summarize</c> op that has neither been acknowledged nor refused yet.</summary>
/// <param name="SequenceNumber">The SN of the op.</param>
/// <param name="ReferenceSequenceNumber">The op's RSN: what the summary covers.</param>
/// <param name="Contents">The op's contents, as sent.</param>
/// <param name="Quorum">The quorum as of the RSN, which becomes the summary's <c>.protocol</c>.</param>
public sealed record PendingSummary(
    long SequenceNumber, long ReferenceSequenceNumber, ReadOnlyMemory<byte> Contents, QuorumSnapshot Quorum);
