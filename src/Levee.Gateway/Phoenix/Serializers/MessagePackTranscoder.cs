using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using MessagePack;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// Translates one value between JSON text and MessagePack, byte to byte, without an object model. Every string comes out with
/// exactly the characters that went in, with the one exception that MessagePack leaves no choice about: half of a surrogate
/// pair, which JSON can escape and UTF-8 cannot hold, becomes U+FFFD, as JavaScript's own encoders have it.
/// </summary>
/// <remarks>
/// Numbers follow what JavaScript's <c>msgpackr</c> writes and expects: integers of up to 32 bits as MessagePack integers in
/// their shortest form; larger ones as float64 while that is exact (up to 2^53: it takes the same nine bytes, and msgpackr
/// reads a 64-bit integer as a BigInt, which breaks code that expects a number, such as a time in milliseconds); beyond that
/// as int64 or uint64; everything else as float64. Back to JSON, a float64 that holds an integer of up to 2^53 is written
/// without fraction or exponent, and one that is no number (NaN, infinities) as null, as <c>JSON.stringify</c> has it.
/// </remarks>
public static partial class MessagePackTranscoder
{
    private const long MaxExactInteger = 1L << 53;

    private static ReadOnlySpan<byte> ReplacementCharacter => [0xEF, 0xBF, 0xBD];

    /// <summary>Writes a JSON value as MessagePack.</summary>
    /// <param name="json">One JSON value in UTF-8, nested at most 1000 levels.</param>
    /// <param name="writer">Where the value goes; after an exception it holds a part of it.</param>
    /// <exception cref="PhoenixFrameException">The text is not JSON. Nothing else is ever thrown.</exception>
    public static void WriteJson(ref MessagePackWriter writer, ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw PhoenixFrameException.NotUtf8();
        }

        var counts = new ContainerCounts();
        try
        {
            counts.Count(json);
            Copy(ref writer, json, ref counts);
        }
        catch (JsonException)
        {
            throw PhoenixFrameException.Undecodable("the text is not JSON");
        }
        finally
        {
            counts.Dispose();
        }
    }

    private static Utf8JsonReader Open(ReadOnlySpan<byte> json) =>
        new(json, new JsonReaderOptions { MaxDepth = JsonText.OutgoingMaxDepth });

    private static void Copy(ref MessagePackWriter writer, ReadOnlySpan<byte> json, ref ContainerCounts counts)
    {
        var reader = Open(json);
        var container = 0;
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray: writer.WriteArrayHeader(counts[container++]); break;
                case JsonTokenType.StartObject: writer.WriteMapHeader(counts[container++]); break;
                case JsonTokenType.PropertyName or JsonTokenType.String: WriteString(ref writer, ref reader); break;
                case JsonTokenType.Number: WriteNumber(ref writer, ref reader); break;
                case JsonTokenType.True: writer.Write(true); break;
                case JsonTokenType.False: writer.Write(false); break;
                case JsonTokenType.Null: writer.WriteNil(); break;
                default: break;
            }
        }
    }

    private static void WriteNumber(ref MessagePackWriter writer, ref Utf8JsonReader reader)
    {
        var minus = reader.ValueSpan[0] == (byte)'-';
        if (reader.TryGetInt64(out var integer) && (integer != 0 || !minus))
        {
            if (integer is >= int.MinValue and <= uint.MaxValue or > MaxExactInteger or < -MaxExactInteger)
            {
                writer.Write(integer);
            }
            else
            {
                writer.Write((double)integer);
            }
        }
        else if (reader.TryGetUInt64(out var large) && !minus)
        {
            writer.Write(large);
        }
        else
        {
            // Larger than a double can be is infinity for JSON.parse as well.
            writer.Write(reader.TryGetDouble(out var number) ? number : minus ? double.NegativeInfinity : double.PositiveInfinity);
        }
    }

    private static void WriteString(ref MessagePackWriter writer, ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            writer.WriteString(reader.ValueSpan);
            return;
        }

        // Unescaping never makes text longer: the shortest escape, two bytes, stands for one.
        var rented = ArrayPool<byte>.Shared.Rent(reader.ValueSpan.Length);
        try
        {
            writer.WriteString(rented.AsSpan(0, Unescape(ref reader, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int Unescape(ref Utf8JsonReader reader, byte[] target)
    {
        try
        {
            return reader.CopyString(target);
        }
        catch (InvalidOperationException)
        {
            return UnescapeWithLoneSurrogates(reader.ValueSpan, target);
        }
    }

    // The reader refuses half of a surrogate pair; its text is otherwise known to be well formed here.
    private static int UnescapeWithLoneSurrogates(ReadOnlySpan<byte> text, Span<byte> target)
    {
        var written = 0;
        while (!text.IsEmpty)
        {
            var length = LengthOfUnit(text);
            var unit = text[..length];
            text = text[length..];
            if (IsLoneSurrogate(unit))
            {
                ReplacementCharacter.CopyTo(target[written..]);
                written += ReplacementCharacter.Length;
            }
            else
            {
                written += UnescapeUnit(unit, target[written..]);
            }
        }

        return written;
    }

    // Plain text up to the next escape, one escape, or the two escapes of a surrogate pair.
    private static int LengthOfUnit(ReadOnlySpan<byte> text)
    {
        if (text[0] != (byte)'\\')
        {
            var end = text.IndexOf((byte)'\\');
            return end < 0 ? text.Length : end;
        }

        if (text[1] != (byte)'u')
        {
            return 2;
        }

        return text.Length >= 12 && text[6] == (byte)'\\' && text[7] == (byte)'u'
            && char.IsSurrogatePair(Utf16(text), Utf16(text[6..]))
                ? 12
                : 6;
    }

    private static bool IsLoneSurrogate(ReadOnlySpan<byte> unit) =>
        unit.Length == 6 && unit[0] == (byte)'\\' && unit[1] == (byte)'u' && char.IsSurrogate(Utf16(unit));

    private static char Utf16(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier);

    private static int UnescapeUnit(ReadOnlySpan<byte> unit, Span<byte> target)
    {
        if (unit[0] != (byte)'\\')
        {
            unit.CopyTo(target);
            return unit.Length;
        }

        Span<byte> quoted = stackalloc byte[14];
        quoted[0] = (byte)'"';
        unit.CopyTo(quoted[1..]);
        quoted[unit.Length + 1] = (byte)'"';
        var reader = new Utf8JsonReader(quoted[..(unit.Length + 2)]);
        reader.Read();
        return reader.CopyString(target);
    }
}
