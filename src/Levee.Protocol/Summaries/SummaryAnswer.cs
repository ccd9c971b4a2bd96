namespace Levee.Protocol;

/// <summary>The contents of a <c>summaryAck</c> or <c>summaryNack</c>.</summary>
/// <param name="SummarySequenceNumber">The SN of the <c>summarize</c> op that it answers.</param>
/// <param name="Handle">The commit of an acknowledged summary; null in a refusal.</param>
/// <param name="Message">Why it was refused; null in an acknowledgement.</param>
public sealed record SummaryAnswer(long SummarySequenceNumber, string? Handle, string? Message)
{
    /// <summary>The message type that carries it.</summary>
    public string Type => Handle is null ? MessageType.SummaryNack : MessageType.SummaryAck;

    /// <summary>The members of that message.</summary>
    public ReadOnlyMemory<byte> ToMembers() => SystemMessage.WithContents(JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        if (Handle is not null)
        {
            writer.WriteString("handle", Handle);
        }
        else
        {
            writer.WriteString("message", Message);
        }

        writer.WriteStartObject("summaryProposal");
        writer.WriteNumber("summarySequenceNumber", SummarySequenceNumber);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }));

    /// <summary>Reads a stored answer; null when the message is none.</summary>
    public static SummaryAnswer? Read(in SequencedDocumentMessage message)
    {
        if (message.Type is not (MessageType.SummaryAck or MessageType.SummaryNack)
            || !JsonReading.TryGetMemberOf(message.Members, "contents"u8, out var contents)
            || !JsonReading.TryGetMember(contents, "summaryProposal"u8, out var proposal)
            || !JsonReading.TryGetMember(proposal, "summarySequenceNumber"u8, out var number))
        {
            return null;
        }

        var handle = JsonReading.TryGetMember(contents, "handle"u8, out var handleJson) ? JsonReading.TextOf(handleJson) : null;
        var text = JsonReading.TryGetMember(contents, "message"u8, out var textJson) ? JsonReading.TextOf(textJson) : null;
        return new SummaryAnswer(JsonReading.NumberOf(number), handle, text);
    }
}
