namespace Levee.Protocol;

/// <summary>What became of one submitted op.</summary>
public enum TicketKind
{
    /// <summary>It has a sequence number; <see cref="TicketOutcome.Message"/> is to be stored and broadcast.</summary>
    Sequenced,

    /// <summary>It is refused, for the reason in <see cref="TicketOutcome.Nack"/>.</summary>
    Nacked,

    /// <summary>It repeats one that was sequenced: drop it silently, a client may resend after a network error.</summary>
    Duplicate,

    /// <summary>A no-op whose RSN was remembered. It has no number; <see cref="Sequencer.SequencePendingNoOp"/> may follow later.</summary>
    Coalesced,
}

/// <summary>The sequencer's answer to one op.</summary>
/// <param name="Kind">What became of it; decides which of the others is set.</param>
/// <param name="Message">The sequenced message.</param>
/// <param name="Nack">The refusal.</param>
public readonly record struct TicketOutcome(TicketKind Kind, SequencedDocumentMessage Message, Nack? Nack)
{
    internal static TicketOutcome Sequenced(in SequencedDocumentMessage message) => new(TicketKind.Sequenced, message, null);

    internal static TicketOutcome Nacked(Nack nack) => new(TicketKind.Nacked, default, nack);

    internal static TicketOutcome Duplicate { get; } = new(TicketKind.Duplicate, default, null);

    internal static TicketOutcome Coalesced { get; } = new(TicketKind.Coalesced, default, null);
}
