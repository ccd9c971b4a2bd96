using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>Small readings that <see cref="Utf8JsonReader"/> lacks.</summary>
public static class JsonReading
{
    /// <summary>
    /// What a frame may nest (64) comes back wrapped: as a client's record in a join, in a quorum list, in a checkpoint. What was taken
    /// must be readable there too.
    /// </summary>
    internal static readonly JsonReaderOptions Wrapped = new() { MaxDepth = 128 };

    /// <summary>
    /// The text of the current string token or member name; null when it is no valid text: a lone surrogate in an escape, or bytes that are
    /// not UTF-8, for which <see cref="Utf8JsonReader.GetString"/> throws.
    /// </summary>
    public static string? TryGetText(this in Utf8JsonReader reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return null;
        }

        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>
    /// Whether the current string token or member name is <paramref name="text"/>, however it is escaped. Unlike
    /// <see cref="Utf8JsonReader.ValueTextEquals(ReadOnlySpan{byte})"/> it does not throw when it is no valid text (a lone surrogate).
    /// </summary>
    /// <param name="reader">A reader of contiguous bytes.</param>
    /// <param name="text">ASCII text.</param>
    public static bool IsText(this in Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        reader.ValueIsEscaped ? IsEscapedText(reader.ValueSpan, text) : reader.ValueSpan.SequenceEqual(text);

    /// <summary>Finds a member of the object <paramref name="json"/> (the last of that name, as JavaScript does) and returns its value's bytes.</summary>
    public static bool TryGetMember(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        value = default;
        var found = false;
        var reader = new Utf8JsonReader(json.Span, Wrapped);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var wanted = reader.IsText(name);
            var bytes = ReadValue(ref reader, json);
            if (wanted)
            {
                value = bytes;
                found = true;
            }
        }

        return found;
    }

    /// <summary>As <see cref="TryGetMember"/> for a member that must be there.</summary>
    /// <exception cref="MalformedMessageException">It is not there; the message names it.</exception>
    public static ReadOnlyMemory<byte> RequiredMember(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        TryGetMember(json, name, out var value)
            ? value
            : throw new MalformedMessageException($"The member {Encoding.ASCII.GetString(name)} is missing");

    /// <summary>The elements of a JSON array.</summary>
    /// <exception cref="MalformedMessageException"><paramref name="json"/> is no array.</exception>
    public static List<ReadOnlyMemory<byte>> ReadList(ReadOnlyMemory<byte> json)
    {
        var elements = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(json.Span, Wrapped);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new MalformedMessageException("A list was expected");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            elements.Add(CurrentValue(ref reader, json));
        }

        return elements;
    }

    /// <summary>As <see cref="TryGetMember"/> for the members of a message, which have no braces of their own.</summary>
    public static bool TryGetMemberOf(ReadOnlyMemory<byte> members, ReadOnlySpan<byte> name, out ReadOnlyMemory<byte> value)
    {
        var json = new byte[members.Length + 2];
        json[0] = (byte)'{';
        members.Span.CopyTo(json.AsSpan(1));
        json[^1] = (byte)'}';
        return TryGetMember(json, name, out value);
    }

    /// <summary>Moves to the next value, skips it, and returns its bytes within <paramref name="source"/>, which the reader reads from its start.</summary>
    public static ReadOnlyMemory<byte> ReadValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        reader.Read();
        return CurrentValue(ref reader, source);
    }

    /// <summary>Skips the current value and returns its bytes within <paramref name="source"/>.</summary>
    public static ReadOnlyMemory<byte> CurrentValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> source)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return source[start..(int)reader.BytesConsumed];
    }

    /// <summary>The text of a JSON string value; null when <paramref name="json"/> is another kind of value or no valid text.</summary>
    public static string? TextOf(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        return reader.Read() ? reader.TryGetText() : null;
    }

    /// <summary>Whether <paramref name="json"/> is one whole JSON value that begins with a token of this kind.</summary>
    public static bool IsWhole(ReadOnlyMemory<byte> json, JsonTokenType first)
    {
        try
        {
            var reader = new Utf8JsonReader(json.Span);
            return reader.Read() && reader.TokenType == first && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            // It is no JSON at all.
            return false;
        }
    }

    /// <summary>The value of a JSON integer of 64 bits; false for any other value.</summary>
    public static bool TryGetNumber(ReadOnlyMemory<byte> json, out long number)
    {
        number = 0;
        var reader = new Utf8JsonReader(json.Span, Wrapped);
        return reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out number);
    }

    /// <summary>The value of a JSON integer.</summary>
    /// <exception cref="MalformedMessageException"><paramref name="json"/> is no integer of 64 bits.</exception>
    public static long NumberOf(ReadOnlyMemory<byte> json) =>
        TryGetNumber(json, out var number) ? number : throw new MalformedMessageException("An integer was expected");

    /// <summary>
    /// The JSON inside: of a JSON string that holds JSON text, that text; of any other value, the value itself. Clients send the
    /// contents of proposals and summaries either way.
    /// </summary>
    public static ReadOnlyMemory<byte> Unwrap(ReadOnlyMemory<byte> json) =>
        !json.IsEmpty && json.Span[0] == (byte)'"' ? Encoding.UTF8.GetBytes(TextOf(json) ?? "") : json;

    /// <summary>Compares without exceptions: a frame may hold many thousand names that are no text.</summary>
    private static bool IsEscapedText(ReadOnlySpan<byte> escaped, ReadOnlySpan<byte> text)
    {
        foreach (var expected in text)
        {
            if (escaped.IsEmpty || Unescape(ref escaped) != expected)
            {
                return false;
            }
        }

        return escaped.IsEmpty;
    }

    /// <summary>Takes one UTF-8 byte or one escape, whose form the reader has checked, and returns what it stands for.</summary>
    private static int Unescape(ref ReadOnlySpan<byte> escaped)
    {
        if (escaped[0] != (byte)'\\')
        {
            int plain = escaped[0];
            escaped = escaped[1..];
            return plain;
        }

        if (escaped[1] == (byte)'u')
        {
            // A unit beyond ASCII equals no byte of the text that is looked for.
            var unit = int.Parse(escaped[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            escaped = escaped[6..];
            return unit <= 0x7F ? unit : -1;
        }

        int character = escaped[1] switch
        {
            (byte)'b' => '\b',
            (byte)'f' => '\f',
            (byte)'n' => '\n',
            (byte)'r' => '\r',
            (byte)'t' => '\t',
            var itself => itself,
        };
        escaped = escaped[2..];
        return character;
    }
}
