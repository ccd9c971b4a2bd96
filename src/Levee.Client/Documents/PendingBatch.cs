namespace Levee.Client;

/// <summary>Ops of one submission that are not known to be sequenced. Guarded by its <see cref="PendingOps"/>.</summary>
internal sealed class PendingBatch(IReadOnlyList<LeveeOp> ops, long processed)
{
    /// <summary>The ops that are left, in order.</summary>
    public List<PendingOp> Ops { get; } = [.. ops.Select(op => new PendingOp(op))];

    /// <summary>The last SN that the application had processed when it submitted.</summary>
    public long Processed { get; } = processed;

    /// <summary>Completes when all ops are sequenced and durable, or refused for good.</summary>
    public TaskCompletionSource Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Ref { get; set; }

    public long SentAt { get; set; }

    public long ReferenceSequenceNumber { get; set; }

    public int Nacks { get; set; }
}

/// <summary>One op of a submission, and the number under which it was last sent.</summary>
internal sealed class PendingOp(LeveeOp op)
{
    public LeveeOp Op { get; } = op;

    public long ClientSequenceNumber { get; set; }
}
