using System.Text.Json;
using System.Text.Unicode;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>One op to submit. The client gives it its numbers.</summary>
public sealed record LeveeOp
{
    /// <summary>Makes an op of contents that are JSON already; they travel byte for byte.</summary>
    /// <exception cref="ArgumentException"><paramref name="contents"/> is not one JSON value in UTF-8.</exception>
    public LeveeOp(ReadOnlyMemory<byte> contents)
    {
        RequireJson(contents.Span, nameof(contents));
        Contents = contents;
    }

    /// <summary>The type. Default <c>op</c>; others that clients may send are <c>propose</c>, <c>reject</c> and <c>summarize</c>.</summary>
    public string Type { get; init; } = MessageType.Op;

    /// <summary>The contents, one JSON value.</summary>
    public ReadOnlyMemory<byte> Contents { get; }

    /// <summary>Metadata, one JSON value, such as Fluid's batch markers; empty for none.</summary>
    public ReadOnlyMemory<byte> Metadata
    {
        get;
        init
        {
            if (!value.IsEmpty)
            {
                RequireJson(value.Span, nameof(Metadata));
            }

            field = value;
        }
    }

    /// <summary>How <see cref="Contents"/> are compressed, as Fluid names it; null when they are not.</summary>
    public string? Compression { get; init; }

    /// <summary>Makes an op of a value that is serialized to JSON.</summary>
    public static LeveeOp Of<T>(T contents, JsonSerializerOptions? options = null) =>
        new(JsonSerializer.SerializeToUtf8Bytes(contents, options));

    internal void Write(Utf8JsonWriter writer, long clientSequenceNumber, long referenceSequenceNumber)
    {
        writer.WriteStartObject();
        writer.WriteString("type", Type);
        writer.WriteNumber("clientSequenceNumber", clientSequenceNumber);
        writer.WriteNumber("referenceSequenceNumber", referenceSequenceNumber);
        writer.WriteRaw("contents", Contents);
        if (!Metadata.IsEmpty)
        {
            writer.WriteRaw("metadata", Metadata);
        }

        if (Compression is not null)
        {
            writer.WriteString("compression", Compression);
        }

        writer.WriteEndObject();
    }

    /// <summary>MessagePack holds text as UTF-8, so that half of a surrogate pair, which JSON can escape, would come out as another text.</summary>
    internal void RequireWholeText()
    {
        RequireWholeText(Contents.Span);
        RequireWholeText(Metadata.Span);
    }

    private static void RequireWholeText(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, isFinalBlock: true, default);
        while (!json.IsEmpty && reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.TryGetText() is null)
            {
                throw new ArgumentException("MessagePack cannot carry half of a surrogate pair.");
            }
        }
    }

    private static void RequireJson(ReadOnlySpan<byte> json, string name)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            if (!Utf8.IsValid(json) || !reader.Read())
            {
                throw new ArgumentException("One JSON value in UTF-8 was expected.", name);
            }

            reader.Skip();
            if (reader.Read())
            {
                throw new ArgumentException("One JSON value was expected.", name);
            }
        }
        catch (JsonException e)
        {
            throw new ArgumentException("One JSON value was expected.", name, e);
        }
    }
}
