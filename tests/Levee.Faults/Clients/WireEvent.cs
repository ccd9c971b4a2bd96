using System.Text.Json;

namespace Levee.Faults.Clients;

/// <summary>What comes from the server.</summary>
internal abstract record WireEvent
{
    private WireEvent()
    {
    }

    /// <summary>Sequenced messages.</summary>
    internal sealed record Ops(JsonElement Messages) : WireEvent;

    /// <summary>The answer to what was submitted, by the name that it was submitted under; Phoenix only.</summary>
    internal sealed record Answered(long Name) : WireEvent;

    /// <summary>A nack, or a reply that is an error.</summary>
    internal sealed record Refused(string Text) : WireEvent;

    /// <summary>A client's signal.</summary>
    internal sealed record Signalled(string Text) : WireEvent;
}
