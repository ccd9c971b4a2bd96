using System.Text.Json;

namespace Levee.Protocol;

/// <summary>The refusal of one op, or of a whole submission that never reached the sequencer.</summary>
/// <param name="Operation">The refused op; null when the submission as a whole was refused.</param>
/// <param name="SequenceNumber">The MSN at that time; -1 when the sequencer was never asked.</param>
/// <param name="Content">Why.</param>
public sealed record Nack(DocumentMessage? Operation, long SequenceNumber, NackContent Content)
{
    /// <summary>The refusal of a submission before it reached the sequencer.</summary>
    public static Nack BeforeSequencing(NackContent content) => new(null, -1, content);

    /// <summary>Writes <c>{operation, sequenceNumber, content: {code, type, message, retryAfter?}}</c>.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="nullOperation">Write <c>null</c> when there is no operation, as the Levee contract has it; else leave it out, as Fluid does.</param>
    public void Write(Utf8JsonWriter writer, bool nullOperation = true)
    {
        writer.WriteStartObject();
        if (Operation is { } operation)
        {
            writer.WriteRaw("operation", ToJson(operation));
        }
        else if (nullOperation)
        {
            writer.WriteNull("operation");
        }

        writer.WriteNumber("sequenceNumber", SequenceNumber);
        writer.WritePropertyName("content");
        Content.Write(writer);
        writer.WriteEndObject();
    }

    private static byte[] ToJson(DocumentMessage operation)
    {
        var numbers = JsonWriting.Members(writer =>
        {
            writer.WriteNumber("clientSequenceNumber", operation.ClientSequenceNumber);
            writer.WriteNumber("referenceSequenceNumber", operation.ReferenceSequenceNumber);
            writer.WriteString("type", operation.Type);
        });
        return operation.Members.IsEmpty
            ? [(byte)'{', .. numbers.Span, (byte)'}']
            : [(byte)'{', .. numbers.Span, (byte)',', .. operation.Members.Span, (byte)'}'];
    }
}
