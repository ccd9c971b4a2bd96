namespace Levee.Fuzz.Generation;

/// <summary>Makes bytes wrong without a thought for what they mean.</summary>
internal static class ByteMutation
{
    private static readonly byte[][] Pieces =
    [
        [0], [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xef, 0xbb, 0xbf], [0x1e], [0x80], "\\u"u8.ToArray(), "\""u8.ToArray(),
        "[[[["u8.ToArray(), "}"u8.ToArray(), "\r\n"u8.ToArray(), " "u8.ToArray(), "//"u8.ToArray(), [0xc1], [0xd9, 0xff], [0xdf, 0xff, 0xff, 0xff, 0xff],
        [0xc7, 1, 5], [0xdb, 0x7f, 0xff, 0xff, 0xff],
    ];

    /// <summary>The bytes, changed in one to four places; may be the given array.</summary>
    internal static byte[] Apply(byte[] bytes, Random random)
    {
        var changes = random.Next(3) == 0 ? random.Next(2, 5) : 1;
        for (var i = 0; i < changes; i++)
        {
            bytes = Change(bytes, random);
        }

        return bytes;
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        if (bytes.Length == 0)
        {
            return Piece(random);
        }

        var at = random.Next(bytes.Length);
        var until = Math.Min(bytes.Length, at + 1 + random.Next(32));
        switch (random.Next(7))
        {
            case 0: return bytes[..at];
            case 1: return [.. bytes[..at], .. Piece(random), .. bytes[at..]];
            case 2: return [.. bytes[..until], .. bytes[at..]];
            case 3: return [.. bytes[..at], .. bytes[until..]];
            case 4: return [.. bytes, .. random.Next(2) == 0 ? Piece(random) : bytes];
            case 5:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            default:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
        }
    }

    private static byte[] Piece(Random random) => Pieces[random.Next(Pieces.Length)];
}
