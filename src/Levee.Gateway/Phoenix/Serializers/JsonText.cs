using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>What the two JSON serializations share: reading names, finding the payload's bytes, splicing bytes.</summary>
internal static class JsonText
{
    /// <summary>Outgoing JSON is our own and only needs an end; incoming depth is bounded by the options.</summary>
    internal const int OutgoingMaxDepth = 1000;

    internal static readonly JsonWriterOptions WriterOptions = new()
    {
        // Frames are never embedded in HTML, and this writes text as itself rather than as escapes.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = OutgoingMaxDepth,
        SkipValidation = true,
    };

    /// <summary>A reader over a received message, which has been checked to be UTF-8: the JSON reader itself does not.</summary>
    internal static Utf8JsonReader Open(ReadOnlySpan<byte> message, int maxDepth)
    {
        if (!Utf8.IsValid(message))
        {
            throw PhoenixFrameException.NotUtf8();
        }

        // One level more than allowed, so that too deep and malformed can be told apart.
        return new Utf8JsonReader(message, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
    }

    /// <summary>Reads the next token; whatever is wrong with the text becomes our own exception.</summary>
    internal static JsonTokenType Next(ref Utf8JsonReader reader, int maxDepth)
    {
        try
        {
            if (!reader.Read())
            {
                throw PhoenixFrameException.Undecodable("the frame is not JSON");
            }
        }
        catch (JsonException)
        {
            throw PhoenixFrameException.Undecodable("the frame is not JSON");
        }

        if (reader.CurrentDepth >= maxDepth && reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            throw PhoenixFrameException.TooDeep(maxDepth);
        }

        return reader.TokenType;
    }

    /// <summary>Takes the value that the reader stands on as a slice of the message, walking over it only.</summary>
    internal static ReadOnlyMemory<byte> Slice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> message, int maxDepth)
    {
        var start = (int)reader.TokenStartIndex;
        if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject)
        {
            var depth = reader.CurrentDepth;
            do
            {
                Next(ref reader, maxDepth);
            }
            while (reader.CurrentDepth > depth);
        }

        return message[start..(int)reader.BytesConsumed];
    }

    /// <summary>The string that the reader stands on, as the named element of a frame.</summary>
    internal static string Name(ref Utf8JsonReader reader, string element)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            throw PhoenixFrameException.WrongShape($"{element} is not a string");
        }

        // An escape takes at most six bytes a character; no need to build a long string to refuse it.
        if (reader.ValueSpan.Length > 6 * PhoenixFrame.MaxNameLength)
        {
            throw PhoenixFrameException.NameTooLong(element);
        }

        string name;
        try
        {
            name = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw PhoenixFrameException.Undecodable($"{element} has half of a surrogate pair");
        }

        return name.Length <= PhoenixFrame.MaxNameLength ? name : throw PhoenixFrameException.NameTooLong(element);
    }

    /// <summary>As <see cref="Name"/>, or null for JSON's null.</summary>
    internal static string? NameOrNull(ref Utf8JsonReader reader, string element) =>
        reader.TokenType == JsonTokenType.Null ? null : Name(ref reader, element);

    /// <summary>Refuses anything but white space after the frame.</summary>
    internal static void End(ref Utf8JsonReader reader)
    {
        try
        {
            if (reader.Read())
            {
                throw PhoenixFrameException.Undecodable("the frame is not JSON");
            }
        }
        catch (JsonException)
        {
            throw PhoenixFrameException.Undecodable("the frame is not JSON");
        }
    }

    /// <summary>Splices trusted JSON bytes as the next value.</summary>
    internal static void WriteSpliced(Utf8JsonWriter writer, ReadOnlySpan<byte> json) =>
        writer.WriteRawValue(json.IsEmpty ? "{}"u8 : json, skipInputValidation: true);

    /// <summary>Writes <c>{"status": ..., "response": ...}</c> with the response's bytes spliced.</summary>
    internal static void WriteReplyPayload(Utf8JsonWriter writer, ReplyStatus status, ReadOnlySpan<byte> responseJson)
    {
        writer.WriteStartObject();
        writer.WriteString("status"u8, status == ReplyStatus.Ok ? "ok"u8 : "error"u8);
        writer.WritePropertyName("response"u8);
        WriteSpliced(writer, responseJson);
        writer.WriteEndObject();
    }
}
