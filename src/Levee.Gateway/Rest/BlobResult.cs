using System.Buffers;
using System.Text;
using System.Text.Json;
using Levee.Protocol.Git;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>A blob as JSON with base64 inside.</summary>
internal sealed class BlobResult(GitObject blob, string url) : IResult
{
    public async Task ExecuteAsync(HttpContext http)
    {
        var size = blob.Content.Length;
        var head = Encoding.UTF8.GetBytes(
            $"{{\"sha\":\"{blob.Id}\",\"size\":{size},\"url\":\"{JsonEncodedText.Encode(url)}\",\"encoding\":\"base64\",\"content\":\"");
        var tail = "\"}"u8.ToArray();
        Immutable.Keep(http);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = head.Length + Base64Pieces.LengthOf(size) + tail.Length;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        var body = http.Response.BodyWriter;
        body.Write(head);
        await Base64Pieces.WriteAsync(body, blob.Content, http.RequestAborted);
        body.Write(tail);
        await body.FlushAsync(http.RequestAborted);
    }
}
