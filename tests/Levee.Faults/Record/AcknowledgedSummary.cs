namespace Levee.Faults.Record;

/// <summary>A summary that the log says was acknowledged.</summary>
/// <param name="Commit">The version that the acknowledgement names.</param>
/// <param name="ReferenceSequenceNumber">What it covers.</param>
/// <param name="Uploaded">What was uploaded for it.</param>
/// <param name="Members">Who was in the quorum at <paramref name="ReferenceSequenceNumber"/>.</param>
internal sealed record AcknowledgedSummary(
    string Commit, long ReferenceSequenceNumber, UploadedSummary Uploaded, IReadOnlySet<string> Members);
