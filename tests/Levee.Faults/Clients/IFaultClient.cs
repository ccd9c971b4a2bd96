namespace Levee.Faults.Clients;

/// <summary>A client as the run sees it.</summary>
internal interface IFaultClient
{
    string Name { get; }

    string DocumentId { get; }

    /// <summary>Whether it is in the quorum when it is connected.</summary>
    bool IsMember { get; }

    /// <summary>Its id while it is connected; null when it is not, as far as it knows.</summary>
    string? ClientId { get; }

    /// <summary>The last message that it has processed.</summary>
    long LastSeen { get; }

    /// <summary>Whether something of its own is on its way and not known to be in the log.</summary>
    bool HasPending { get; }

    /// <summary>How often it has connected again.</summary>
    int Reconnects { get; }

    /// <summary>How a summary of its is getting on.</summary>
    SummaryPhase Phase { get; }

    /// <summary>Why it is not connected, or was not the last time.</summary>
    string LastError { get; }

    /// <summary>Runs until it is told to leave. Never fails: what it finds wrong, it reports.</summary>
    Task RunAsync();

    /// <summary>Leaves its document, with a word or without.</summary>
    Task LeaveAsync(bool politely);
}
