using System.Text.Json;

namespace Levee.Protocol;

/// <summary>Reads a sequenced message back from the form that <see cref="SequencedMessageWriter"/> gave it.</summary>
public static class SequencedMessageReader
{
    /// <summary>Reads the message; its members stay a slice of <paramref name="json"/> and are not looked into.</summary>
    /// <exception cref="MalformedMessageException">The bytes are not such a message.</exception>
    public static SequencedDocumentMessage Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return ReadCore(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new MalformedMessageException($"A sequenced message could not be read: {e.Message}");
        }
    }

    private static SequencedDocumentMessage ReadCore(ReadOnlyMemory<byte> json)
    {
        var message = new SequencedDocumentMessage { Type = "" };
        var membersStart = json.Length - 1;
        var reader = new Utf8JsonReader(json.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || json.Span[^1] != (byte)'}')
        {
            throw new MalformedMessageException("A sequenced message must be an object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.IsText("clientId"u8))
            {
                reader.Read();
                message = message with { ClientId = reader.GetString() };
            }
            else if (reader.IsText("clientSequenceNumber"u8))
            {
                message = message with { ClientSequenceNumber = Number(ref reader) };
            }
            else if (reader.IsText("minimumSequenceNumber"u8))
            {
                message = message with { MinimumSequenceNumber = Number(ref reader) };
            }
            else if (reader.IsText("referenceSequenceNumber"u8))
            {
                message = message with { ReferenceSequenceNumber = Number(ref reader) };
            }
            else if (reader.IsText("sequenceNumber"u8))
            {
                message = message with { SequenceNumber = Number(ref reader) };
            }
            else if (reader.IsText("timestamp"u8))
            {
                message = message with { Timestamp = Number(ref reader) };
            }
            else if (reader.IsText("type"u8))
            {
                reader.Read();
                message = message with { Type = reader.GetString() ?? "" };
            }
            else
            {
                // The writer puts its own members first: from here on, all are the sender's.
                membersStart = (int)reader.TokenStartIndex;
                break;
            }
        }

        return message.SequenceNumber > 0 && message.Type.Length > 0
            ? message with { Members = json[membersStart..^1] }
            : throw new MalformedMessageException("A sequenced message needs a type and a sequence number");
    }

    private static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetInt64();
    }
}
