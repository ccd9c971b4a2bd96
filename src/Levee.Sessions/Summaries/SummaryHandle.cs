namespace Levee.Sessions;

/// <summary>A part that is unchanged since the last acknowledged summary.</summary>
/// <param name="Path">Where it is in that summary.</param>
public sealed record SummaryHandle(string Path) : SummaryNode;
