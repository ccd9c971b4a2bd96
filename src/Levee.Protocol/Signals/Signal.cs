namespace Levee.Protocol;

/// <summary>
/// One signal of a client: never sequenced, never stored. It has two faces, for clients of the two dialects expect different things of the
/// same signal; each is made when it is asked for first. Used by one thread at a time.
/// </summary>
public abstract class Signal
{
    private ReadOnlyMemory<byte>? _content;
    private ReadOnlyMemory<byte>? _fluidMembers;

    /// <summary>Whom it is for.</summary>
    public SignalTarget Target { get; init; } = SignalTarget.Everybody;

    /// <summary>What Levee's clients get: what it carries, as JSON, out of its envelope; <c>null</c> when it carries nothing.</summary>
    public ReadOnlyMemory<byte> Content => _content ??= ReadContent();

    /// <summary>
    /// What stock Fluid clients get: members as JSON text without braces, <c>"content":"..."</c> first. They parse the content, a
    /// string, and look for an envelope in it; anything else throws inside them.
    /// </summary>
    public ReadOnlyMemory<byte> FluidMembers => _fluidMembers ??= WriteFluidMembers();

    /// <summary>A client's signal of bare content, in no envelope.</summary>
    /// <param name="content">What it carries, one JSON value.</param>
    /// <param name="target">Whom it is for; everybody when absent.</param>
    public static Signal Of(ReadOnlyMemory<byte> content, SignalTarget? target = null) =>
        new LeveeSignal(content, LeveeSignal.Bare) { Target = target ?? SignalTarget.Everybody };

    /// <summary>A signal of the service itself: both kinds of clients get the same JSON string.</summary>
    /// <param name="text">A JSON string.</param>
    public static Signal OfService(ReadOnlyMemory<byte> text) => new ServiceSignal(text);

    /// <summary>Makes <see cref="Content"/>; must not throw, whatever a client sent.</summary>
    private protected abstract ReadOnlyMemory<byte> ReadContent();

    /// <summary>Makes <see cref="FluidMembers"/>; must not throw, whatever a client sent.</summary>
    private protected abstract ReadOnlyMemory<byte> WriteFluidMembers();

    private sealed class ServiceSignal(ReadOnlyMemory<byte> text) : Signal
    {
        private protected override ReadOnlyMemory<byte> ReadContent() => text;

        private protected override ReadOnlyMemory<byte> WriteFluidMembers() =>
            JsonWriting.Members(writer => writer.WriteRaw("content", text));
    }
}
