namespace Levee.Sessions;

/// <summary>A folder of a summary.</summary>
/// <param name="Children">What is in it, by name; names are not checked yet.</param>
public sealed record SummaryTree(IReadOnlyDictionary<string, SummaryNode> Children) : SummaryNode;
