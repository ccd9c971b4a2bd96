using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>Takes sequenced messages out of what carries them.</summary>
internal static class Messages
{
    /// <summary>The messages of the list in the member <paramref name="name"/>, each with bytes of its own.</summary>
    /// <exception cref="LeveeTransportException">There is no such list.</exception>
    public static List<SequencedMessage> ReadMember(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name)
    {
        try
        {
            if (!JsonReading.TryGetMember(json, name, out var list))
            {
                throw new LeveeTransportException("The server sent no list of messages.");
            }

            var messages = new List<SequencedMessage>();
            var reader = new Utf8JsonReader(list.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                messages.Add(new SequencedMessage(JsonReading.CurrentValue(ref reader, list).ToArray()));
            }

            return messages;
        }
        catch (JsonException e)
        {
            throw new LeveeTransportException("The server sent a list of messages that is no JSON.", e);
        }
    }
}
