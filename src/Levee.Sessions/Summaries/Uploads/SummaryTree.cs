namespace Levee.Sessions;

/// <summary>A folder of a summary.</summary>
/// <param name="Children">What is in it, by name; names are not checked yet.</param>
public sealed record SummaryTree(IReadOnlyDictionary<string, SummaryNode> Children) : SummaryNode
{
    /// <summary>Whether Fluid's garbage collection found that nothing refers to it any more. It is still part of the summary.</summary>
    public bool Unreferenced { get; init; }

    /// <summary>The group of parts that a client loads together; null for none.</summary>
    public string? GroupId { get; init; }
}
