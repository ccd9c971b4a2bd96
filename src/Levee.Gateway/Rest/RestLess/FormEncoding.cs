using System.Buffers;

namespace Levee.Gateway.Rest;

/// <summary>Decodes <c>application/x-www-form-urlencoded</c>: <c>+</c> is a space, <c>%XX</c> a byte, every other byte itself.</summary>
internal static class FormEncoding
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("%+&"u8);

    /// <summary>
    /// Decodes as far as it can. It stops before <c>&amp;</c>, before a <c>%</c> that two hex digits do not follow in
    /// <paramref name="source"/>, and when <paramref name="destination"/> is full. The two may be the same memory.
    /// </summary>
    public static void Decode(ReadOnlySpan<byte> source, Span<byte> destination, out int consumed, out int written)
    {
        consumed = written = 0;
        while (consumed < source.Length && written < destination.Length)
        {
            var rest = source[consumed..];
            var plain = rest.IndexOfAny(Special);
            plain = Math.Min(plain < 0 ? rest.Length : plain, destination.Length - written);
            if (plain > 0)
            {
                rest[..plain].CopyTo(destination[written..]);
                consumed += plain;
                written += plain;
            }
            else if (rest[0] == (byte)'+')
            {
                destination[written++] = (byte)' ';
                consumed++;
            }
            else if (rest.Length >= 3 && TryReadEscape(rest, out var value))
            {
                destination[written++] = value;
                consumed += 3;
            }
            else
            {
                return;
            }
        }
    }

    /// <summary>Decodes a whole field's value; false when an escape in it is malformed.</summary>
    public static bool TryDecodeInPlace(Span<byte> value, out int length)
    {
        Decode(value, value, out var consumed, out length);
        return consumed == value.Length;
    }

    /// <summary>Reads <c>%XX</c> at the front.</summary>
    public static bool TryReadEscape(ReadOnlySpan<byte> bytes, out byte value)
    {
        Span<byte> byteOf = stackalloc byte[1];
        var isEscape = bytes[0] == (byte)'%' && Convert.FromHexString(bytes.Slice(1, 2), byteOf, out _, out _) == OperationStatus.Done;
        value = byteOf[0];
        return isEscape;
    }
}
