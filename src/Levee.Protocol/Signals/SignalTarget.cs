namespace Levee.Protocol;

/// <summary>
/// Whom a signal is for. Precedence: <see cref="Only"/>, then <see cref="Except"/>, then <see cref="ClientId"/>, then everybody.
/// Unknown clients are no error.
/// </summary>
/// <param name="Only">Send to these clients alone.</param>
/// <param name="Except">Send to all but these.</param>
/// <param name="ClientId">Send to this client alone.</param>
public sealed record SignalTarget(IReadOnlyList<string>? Only, IReadOnlyList<string>? Except, string? ClientId)
{
    /// <summary>The most client ids that one signal may list.</summary>
    public const int MaxListed = 1000;

    // Each list is looked up once for every connected client.
    private readonly HashSet<string>? _only = Only?.ToHashSet(StringComparer.Ordinal);
    private readonly HashSet<string>? _except = Except?.ToHashSet(StringComparer.Ordinal);

    /// <summary>Send to all.</summary>
    public static SignalTarget Everybody { get; } = new(null, null, null);

    /// <summary>True when the signal goes to all: one frame serves everybody.</summary>
    public bool IsEverybody => Only is null && Except is null && ClientId is null;

    /// <summary>Whether the signal is for this client. The dialect decides whether the sender hears itself.</summary>
    public bool Includes(string clientId) =>
        _only is not null ? _only.Contains(clientId)
        : _except is not null ? !_except.Contains(clientId)
        : ClientId is null || ClientId == clientId;
}
