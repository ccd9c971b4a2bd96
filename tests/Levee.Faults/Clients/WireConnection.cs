namespace Levee.Faults.Clients;

/// <summary>One connection to one document. One reads, one writes, at the same time.</summary>
internal abstract class WireConnection : IAsyncDisposable
{
    /// <summary>The id that the server gave.</summary>
    public required string ClientId { get; init; }

    /// <summary>Where the document stood when the connection was made.</summary>
    public required long Start { get; init; }

    /// <summary>Submits one batch.</summary>
    /// <param name="name">What <see cref="WireEvent.Answered"/> calls it; 0 when nobody asks.</param>
    /// <param name="ops">Its ops.</param>
    public abstract Task SubmitAsync(long name, IReadOnlyList<OutgoingOp> ops);

    /// <summary>Sends a signal to everybody.</summary>
    public abstract Task SignalAsync(string text);

    /// <summary>What comes next; null when nothing comes any more.</summary>
    public abstract Task<WireEvent?> NextAsync();

    /// <summary>Says goodbye; what had come before can still be taken.</summary>
    public abstract Task LeaveAsync();

    /// <summary>Cuts the connection without a word.</summary>
    public abstract void Abort();

    public abstract ValueTask DisposeAsync();
}
