using Levee.Protocol;

namespace Levee.Storage;

/// <summary>A batch for the log, and what becomes visible together with it.</summary>
public sealed record AppendRequest
{
    /// <summary>The document.</summary>
    public required DocumentKey Key { get; init; }

    /// <summary>The messages. The first one's number is the fence: it must be one above the last stored number.</summary>
    public required DeltaBatch Deltas { get; init; }

    /// <summary>A move of the document's head that the batch acknowledges; null when it moves none.</summary>
    public HeadUpdate? Head { get; init; }

    /// <summary>The state after the batch, when this is a good moment to keep it.</summary>
    public Checkpoint? Checkpoint { get; init; }
}
