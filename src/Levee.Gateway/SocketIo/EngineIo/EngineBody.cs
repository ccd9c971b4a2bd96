using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>HTTP bodies of Engine.IO: packets with a separator between them.</summary>
internal static class EngineBody
{
    // Of a larger answer the client must take most before its last byte goes out. So much may wait for each connection that does not read.
    private const int MaxUnflushedBytes = 16 * 1024;

    /// <summary>The whole body in an array of its own; null when it is larger than allowed.</summary>
    /// <exception cref="IOException">The client is gone, or too slow.</exception>
    internal static async ValueTask<byte[]?> ReadAsync(HttpRequest request, int maxBytes)
    {
        if (request.ContentLength > maxBytes)
        {
            return null;
        }

        // The bound here is the one that counts; the web server's own may be lower, and breaks off the connection.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        while (true)
        {
            var result = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            if (result.Buffer.Length > maxBytes)
            {
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return null;
            }

            if (result.IsCompleted)
            {
                var body = result.Buffer.ToArray();
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return body;
            }

            request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Old clients send binary packets so; ours take text only.</summary>
    internal static bool IsBinary(HttpRequest request) =>
        request.ContentType?.StartsWith("application/octet-stream", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Where the packets are. An empty body is one empty packet.</summary>
    internal static IEnumerable<Range> Split(byte[] body)
    {
        var start = 0;
        while (true)
        {
            var end = Array.IndexOf(body, EnginePackets.Separator, start);
            yield return start..(end < 0 ? body.Length : end);
            if (end < 0)
            {
                yield break;
            }

            start = end + 1;
        }
    }

    /// <summary>
    /// Answers a poll. What was handed to the web server whole counts as delivered, as with engine.io: who has an answer may hang up at once, and who
    /// has not got all of it does not come again with this session.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="packets">What it holds; none of them is empty.</param>
    /// <param name="beforeLast">Called before the last byte goes out, by which the client knows that the answer is whole.</param>
    /// <param name="gone">The client has hung up.</param>
    /// <returns>False when the client had hung up before the last byte went out, so that what it was to get is lost.</returns>
    /// <exception cref="OperationCanceledException">As false, but known sooner.</exception>
    internal static async ValueTask<bool> WriteAsync(
        HttpResponse response, List<ReadOnlyMemory<byte>> packets, Action beforeLast, CancellationToken gone)
    {
        response.ContentType = "text/plain; charset=UTF-8";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = packets.Sum(packet => (long)packet.Length) + packets.Count - 1;
        for (var i = 0; i < packets.Count; i++)
        {
            if (i > 0)
            {
                response.BodyWriter.Write([EnginePackets.Separator]);
            }

            response.BodyWriter.Write(i == packets.Count - 1 ? packets[i].Span[..^1] : packets[i].Span);
        }

        if (response.ContentLength > MaxUnflushedBytes)
        {
            await response.BodyWriter.FlushAsync(gone);
        }

        gone.ThrowIfCancellationRequested();
        beforeLast();
        response.BodyWriter.Write(packets[^1].Span[^1..]);
        // Not to be cancelled: a client that hangs up from here on may have got everything.
        return !(await response.BodyWriter.FlushAsync(CancellationToken.None)).IsCompleted;
    }

    /// <summary>Answers a POST. It is HTML as with engine.io, where some browsers would offer plain text as a download.</summary>
    internal static Task AcceptAsync(HttpResponse response)
    {
        response.ContentType = "text/html";
        response.Headers.CacheControl = "no-store";
        response.ContentLength = 2;
        return response.WriteAsync("ok");
    }
}
