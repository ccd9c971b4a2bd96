namespace Levee.Protocol;

/// <summary>What a token may allow.</summary>
public static class Scopes
{
    /// <summary>Connect, receive, read deltas.</summary>
    public const string DocRead = "doc:read";

    /// <summary>Submit ops, on a write-mode connection.</summary>
    public const string DocWrite = "doc:write";

    /// <summary>Read summaries.</summary>
    public const string SummaryRead = "summary:read";

    /// <summary>Write git objects and submit <c>summarize</c>.</summary>
    public const string SummaryWrite = "summary:write";
}
