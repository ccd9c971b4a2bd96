namespace Levee.Gateway.Sockets;

/// <summary>What became of a frame offered to an <see cref="Outbox"/>.</summary>
public enum EnqueueOutcome
{
    /// <summary>It will be sent.</summary>
    Queued,

    /// <summary>It did not fit: the outbox is closed now, and what waited is dropped. Said once.</summary>
    Overflowed,

    /// <summary>The outbox was closed before.</summary>
    Closed,
}
