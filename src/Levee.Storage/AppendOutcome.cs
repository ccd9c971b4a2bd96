namespace Levee.Storage;

/// <summary>How an append ended.</summary>
public enum AppendOutcome
{
    /// <summary>Everything of the request is durable.</summary>
    Appended,

    /// <summary>The log does not end one below the batch: another session has written. Nothing was kept.</summary>
    Fenced,

    /// <summary>The head is not where the request expects it. Nothing was kept.</summary>
    HeadMoved,

    /// <summary>There is no such document. Nothing was kept.</summary>
    UnknownDocument,
}
