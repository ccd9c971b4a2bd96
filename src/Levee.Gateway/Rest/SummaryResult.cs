using System.Buffers;
using System.Text;
using System.Text.Json;
using Levee.Protocol.Git;
using Levee.Sessions;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>
/// A whole summary, as <c>{"id", "trees": [{"id", "sequenceNumber", "entries"}], "blobs"}</c>. Blobs are read and sent one after the other, so
/// that a large summary is never in memory as a whole.
/// </summary>
internal sealed class SummaryResult(SummarySnapshot summary, ObjectReader objects, string tenant) : IResult
{
    private const int FlushBytes = 16 * 1024;

    public async Task ExecuteAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json; charset=utf-8";
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        await WriteTreesAsync(http);
        await WriteBlobsAsync(http);
    }

    private async Task WriteTreesAsync(HttpContext http)
    {
        var body = http.Response.BodyWriter;
        await using var writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteString("id", summary.Id.ToString());
        writer.WriteStartArray("trees");
        writer.WriteStartObject();
        writer.WriteString("id", summary.Tree.ToString());
        writer.WriteNumber("sequenceNumber", summary.SequenceNumber);
        writer.WriteStartArray("entries");
        foreach (var entry in summary.Entries)
        {
            Write(writer, entry);
            if (writer.BytesPending >= FlushBytes)
            {
                writer.Flush();
                await body.FlushAsync(http.RequestAborted);
            }
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        // The object and its last list are ended by hand, after the blobs, which are not the writer's.
        writer.WriteStartArray("blobs");
        writer.Flush();
        await body.FlushAsync(http.RequestAborted);
    }

    private async Task WriteBlobsAsync(HttpContext http)
    {
        var body = http.Response.BodyWriter;
        var separator = "";
        foreach (var id in summary.Blobs)
        {
            var blob = await objects.FollowAsync(tenant, id, GitObjectKind.Blob, http.RequestAborted);
            body.Write(Encoding.UTF8.GetBytes($"{separator}{{\"id\":\"{id}\",\"size\":{blob.Content.Length},\"encoding\":\"base64\",\"content\":\""));
            await Base64Pieces.WriteAsync(body, blob.Content, http.RequestAborted);
            body.Write("\"}"u8);
            separator = ",";
        }

        body.Write("]}"u8);
        await body.FlushAsync(http.RequestAborted);
    }

    private static void Write(Utf8JsonWriter writer, SummaryEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteString("path", entry.Path);
        writer.WriteString("type", entry.IsTree ? "tree" : "blob");
        writer.WriteString("id", entry.Id.ToString());
        if (entry.Unreferenced)
        {
            writer.WriteBoolean("unreferenced", true);
        }

        if (entry.GroupId is { } groupId)
        {
            writer.WriteString("groupId", groupId);
        }

        writer.WriteEndObject();
    }
}
