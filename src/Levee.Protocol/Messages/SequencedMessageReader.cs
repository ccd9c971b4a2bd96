using System.Text.Json;

namespace Levee.Protocol;

/// <summary>Reads a sequenced message back from the form that <see cref="SequencedMessageWriter"/> gave it.</summary>
public static class SequencedMessageReader
{
    /// <summary>Reads the message; its members stay a slice of <paramref name="json"/>.</summary>
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
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("clientId"u8))
            {
                reader.Read();
                message = message with { ClientId = reader.GetString() };
            }
            else if (reader.ValueTextEquals("clientSequenceNumber"u8))
            {
                message = message with { ClientSequenceNumber = Number(ref reader) };
            }
            else if (reader.ValueTextEquals("minimumSequenceNumber"u8))
            {
                message = message with { MinimumSequenceNumber = Number(ref reader) };
            }
            else if (reader.ValueTextEquals("referenceSequenceNumber"u8))
            {
                message = message with { ReferenceSequenceNumber = Number(ref reader) };
            }
            else if (reader.ValueTextEquals("sequenceNumber"u8))
            {
                message = message with { SequenceNumber = Number(ref reader) };
            }
            else if (reader.ValueTextEquals("timestamp"u8))
            {
                message = message with { Timestamp = Number(ref reader) };
            }
            else if (reader.ValueTextEquals("type"u8))
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

        return message with { Members = json[membersStart..^1] };
    }

    private static long Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetInt64();
    }
}
