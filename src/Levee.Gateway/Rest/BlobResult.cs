using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Levee.Protocol.Git;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>A blob as JSON with base64 inside, encoded piece by piece into the response: a large one is in memory once, as stored.</summary>
internal sealed class BlobResult(GitObject blob, string url) : IResult
{
    // Divisible by three, so that the pieces' encodings join without padding.
    private const int PieceBytes = 48 * 1024;

    public async Task ExecuteAsync(HttpContext http)
    {
        var size = blob.Content.Length;
        var head = Encoding.UTF8.GetBytes(
            $"{{\"sha\":\"{blob.Id}\",\"size\":{size},\"url\":\"{JsonEncodedText.Encode(url)}\",\"encoding\":\"base64\",\"content\":\"");
        var tail = "\"}"u8.ToArray();
        Immutable.Keep(http);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = head.Length + Base64Length(size) + tail.Length;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        var body = http.Response.BodyWriter;
        body.Write(head);
        for (var start = 0; start < size; start += PieceBytes)
        {
            Encode(body, blob.Content.Span[start..Math.Min(start + PieceBytes, size)]);
            await body.FlushAsync(http.RequestAborted);
        }

        body.Write(tail);
        await body.FlushAsync(http.RequestAborted);
    }

    private static void Encode(PipeWriter body, ReadOnlySpan<byte> piece)
    {
        var text = body.GetSpan((int)Base64Length(piece.Length));
        Base64.EncodeToUtf8(piece, text, out _, out var written);
        body.Advance(written);
    }

    private static long Base64Length(int size) => ((long)size + 2) / 3 * 4;
}
