namespace Levee.Protocol;

/// <summary>One signal of a client: never sequenced, never stored.</summary>
public sealed record Signal
{
    /// <summary>What it carries, as JSON; <c>null</c> when it carries nothing.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whom it is for.</summary>
    public SignalTarget Target { get; init; } = SignalTarget.Everybody;
}
