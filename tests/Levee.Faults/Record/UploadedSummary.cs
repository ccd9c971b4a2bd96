namespace Levee.Faults.Record;

/// <summary>What a client uploaded and then proposed, to be compared with what is loaded.</summary>
/// <param name="Handle">What its summarize op names.</param>
/// <param name="Files">The contents by path, in the app's tree.</param>
internal sealed record UploadedSummary(string Handle, IReadOnlyDictionary<string, byte[]> Files);
