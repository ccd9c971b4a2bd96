namespace Levee.Sessions;

/// <summary>Why a session refused a connection.</summary>
public enum ConnectRefusal
{
    /// <summary>There is no such document.</summary>
    UnknownDocument,

    /// <summary>The document could not be loaded; the server's log says why.</summary>
    StartFailed,

    /// <summary>The store can not read or write at the moment, as with a full disk; try again.</summary>
    StorageUnavailable,

    /// <summary>The client claims to have seen messages that the document does not have.</summary>
    AheadOfDocument,

    /// <summary>The session ended before the client was admitted; try again.</summary>
    SessionEnded,

    /// <summary>As many clients are connected to the document as the settings allow.</summary>
    TooManyClients,

    /// <summary>The server is shutting down; try again, there or elsewhere.</summary>
    Draining,
}
