namespace Levee.Protocol;

/// <summary>What a token may allow: the words of its <c>scopes</c> claim.</summary>
public static class Scopes
{
    /// <summary>Connect to a document, receive its ops and signals, read its history and objects.</summary>
    public const string DocRead = "doc:read";

    /// <summary>Connect in write mode and submit ops.</summary>
    public const string DocWrite = "doc:write";

    /// <summary>Read summaries.</summary>
    public const string SummaryRead = "summary:read";

    /// <summary>Write git objects and submit <c>summarize</c>.</summary>
    public const string SummaryWrite = "summary:write";
}
