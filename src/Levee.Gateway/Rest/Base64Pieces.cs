using System.Buffers.Text;
using System.IO.Pipelines;

namespace Levee.Gateway.Rest;

/// <summary>Bytes as base64, encoded piece by piece into a response: a large blob is in memory once, as stored.</summary>
internal static class Base64Pieces
{
    // Divisible by three, so that the pieces' encodings join without padding.
    private const int PieceBytes = 48 * 1024;

    /// <summary>Writes the encoding; completes when the client has taken it, but for what its connection buffers.</summary>
    public static async Task WriteAsync(PipeWriter body, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (var start = 0; start < bytes.Length; start += PieceBytes)
        {
            Encode(body, bytes.Span[start..Math.Min(start + PieceBytes, bytes.Length)]);
            await body.FlushAsync(cancellationToken);
        }
    }

    /// <summary>How long the encoding of so many bytes is.</summary>
    public static long LengthOf(int size) => ((long)size + 2) / 3 * 4;

    private static void Encode(PipeWriter body, ReadOnlySpan<byte> piece)
    {
        var text = body.GetSpan((int)LengthOf(piece.Length));
        Base64.EncodeToUtf8(piece, text, out _, out var written);
        body.Advance(written);
    }
}
