namespace Levee.Sessions;

/// <summary>Bytes in a summary.</summary>
/// <param name="Content">The bytes.</param>
public sealed record SummaryBlob(ReadOnlyMemory<byte> Content) : SummaryNode;
