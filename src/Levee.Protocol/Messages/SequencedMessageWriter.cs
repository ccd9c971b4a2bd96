using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>Writes the one JSON form of a sequenced message. Members that the client sent are spliced in, never re-serialized.</summary>
public static class SequencedMessageWriter
{
    // Room for the fixed names and five numbers of at most 20 digits; measured once: the names take 133 bytes.
    private const int EnvelopeBytes = 256;

    // A character becomes at most six bytes when it is escaped (\u1234).
    private const int MostBytesPerChar = 6;

    private static readonly SearchValues<char> PlainCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:");

    /// <summary>Appends the JSON object of <paramref name="message"/> to <paramref name="output"/>.</summary>
    public static void Write(IBufferWriter<byte> output, in SequencedDocumentMessage message)
    {
        var names = ((message.ClientId?.Length ?? 0) + message.Type.Length) * MostBytesPerChar;
        var span = output.GetSpan(EnvelopeBytes + names + message.Members.Length);

        var length = 0;
        Put("{\"clientId\":"u8, span, ref length);
        PutString(message.ClientId, span, ref length);
        PutNumber(",\"clientSequenceNumber\":"u8, message.ClientSequenceNumber, span, ref length);
        PutNumber(",\"minimumSequenceNumber\":"u8, message.MinimumSequenceNumber, span, ref length);
        PutNumber(",\"referenceSequenceNumber\":"u8, message.ReferenceSequenceNumber, span, ref length);
        PutNumber(",\"sequenceNumber\":"u8, message.SequenceNumber, span, ref length);
        PutNumber(",\"timestamp\":"u8, message.Timestamp, span, ref length);
        Put(",\"type\":"u8, span, ref length);
        PutString(message.Type, span, ref length);
        if (!message.Members.IsEmpty)
        {
            Put(","u8, span, ref length);
            Put(message.Members.Span, span, ref length);
        }

        Put("}"u8, span, ref length);
        output.Advance(length);
    }

    private static void Put(ReadOnlySpan<byte> bytes, Span<byte> span, ref int length)
    {
        bytes.CopyTo(span[length..]);
        length += bytes.Length;
    }

    private static void PutNumber(ReadOnlySpan<byte> name, long value, Span<byte> span, ref int length)
    {
        Put(name, span, ref length);
        // Cannot fail: EnvelopeBytes leaves room for the longest numbers.
        Utf8Formatter.TryFormat(value, span[length..], out var written);
        length += written;
    }

    private static void PutString(string? value, Span<byte> span, ref int length)
    {
        if (value is null)
        {
            Put("null"u8, span, ref length);
            return;
        }

        span[length++] = (byte)'"';
        // Client ids are the service's own and types are words: escaping is the rare case.
        length += value.AsSpan().ContainsAnyExcept(PlainCharacters)
            ? CopyEscaped(value, span[length..])
            : Encoding.UTF8.GetBytes(value, span[length..]);
        span[length++] = (byte)'"';
    }

    private static int CopyEscaped(string value, Span<byte> span)
    {
        var text = JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        text.CopyTo(span);
        return text.Length;
    }
}
