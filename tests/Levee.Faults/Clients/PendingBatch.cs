namespace Levee.Faults.Clients;

/// <summary>A batch that is not known to be in the log.</summary>
/// <param name="First">The number of its first op among the writer's.</param>
/// <param name="Contents">The contents of its ops.</param>
internal sealed record PendingBatch(long First, IReadOnlyList<string> Contents)
{
    /// <summary>The client's number of its first op, on the connection that it was last sent on; 0 before.</summary>
    public long FirstClientSequenceNumber { get; set; }

    /// <summary>How many of its ops have been seen in the log.</summary>
    public int Seen { get; set; }

    public long Last => First + Contents.Count - 1;
}
