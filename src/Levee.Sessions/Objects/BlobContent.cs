using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>A blob's bytes as JSON carries them: <c>content</c>, a string, and its <c>encoding</c>.</summary>
public static class BlobContent
{
    /// <summary>Decodes <c>content</c> in one step from the JSON's bytes to the blob's.</summary>
    /// <param name="content">The JSON value of <c>content</c>.</param>
    /// <param name="encoding"><c>base64</c>, or <c>utf-8</c> (also written <c>utf8</c>), which is meant when it is null.</param>
    /// <exception cref="MalformedMessageException">The content is no string, or not of that encoding, or the encoding is another one.</exception>
    public static byte[] Decode(ReadOnlyMemory<byte> content, string? encoding)
    {
        var reader = new Utf8JsonReader(content.Span);
        if (!reader.Read() || reader.TokenType != JsonTokenType.String)
        {
            throw new MalformedMessageException("content must be a string");
        }

        return encoding switch
        {
            null or "utf-8" or "utf8" => DecodeText(reader, content.Length),
            "base64" => DecodeBase64(reader),
            _ => throw new MalformedMessageException("encoding must be utf-8 or base64"),
        };
    }

    private static byte[] DecodeBase64(Utf8JsonReader reader)
    {
        try
        {
            return reader.TryGetBytesFromBase64(out var bytes) ? bytes : throw new MalformedMessageException("content must be base64");
        }
        catch (InvalidOperationException)
        {
            // Escapes of lone surrogates, which no base64 has.
            throw new MalformedMessageException("content must be base64");
        }
    }

    private static byte[] DecodeText(Utf8JsonReader reader, int quotedLength)
    {
        // Text without escapes needs no check beyond that of its encoding; with them it only shrinks.
        var bytes = new byte[quotedLength - 2];
        try
        {
            var length = reader.CopyString(bytes);
            return length == bytes.Length ? bytes : bytes[..length];
        }
        catch (InvalidOperationException)
        {
            throw new MalformedMessageException("content must be valid text");
        }
    }
}
