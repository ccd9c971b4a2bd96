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

    /// <summary>The document could not be read or written; nothing was acknowledged that is not durable.</summary>
    Failed,

    /// <summary>There is no such document.</summary>
    UnknownDocument,
}
