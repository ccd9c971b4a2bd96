namespace Levee.Sessions;

/// <summary>Why a session ended.</summary>
public enum SessionEnd
{
    /// <summary>Nobody was connected for a while.</summary>
    Idle,

    /// <summary>The server is shutting down.</summary>
    Stopped,

    /// <summary>Another session of the same document has written: this one stands down.</summary>
    Fenced,

    /// <summary>What is stored of the document is damaged, or the session has a defect; nothing was acknowledged that is not durable.</summary>
    Failed,

    /// <summary>The store could not read or write, as with a full disk; nothing was acknowledged that is not durable. It may work again soon.</summary>
    StorageUnavailable,

    /// <summary>There is no such document.</summary>
    UnknownDocument,
}
