using System.Buffers;
using Levee.Protocol;
using Levee.Storage;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>
/// A list, or <c>{"value": [...]}</c> for Levee's clients: stored bytes, neither parsed nor written anew. The log is read in pieces, each one when the client has taken the one
/// before, so that a page of large messages costs no more memory than one of small ones.
/// </summary>
internal sealed class DeltasResult(IDocumentStore store, DocumentKey document, long after, long through, RestOptions options) : IResult
{
    public async Task ExecuteAsync(HttpContext http)
    {
        // A store that fails here is still answered by an error.
        var batch = await ReadAsync(after, options.DeltasPageSize, http.RequestAborted);
        http.Response.ContentType = "application/json; charset=utf-8";
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        var body = http.Response.BodyWriter;
        var isBare = http.Request.Dialect() == RestDialect.Routerlicious;
        body.Write(isBare ? "["u8 : "{\"value\":["u8);
        for (var left = options.DeltasPageSize; batch.Count > 0;)
        {
            body.Write(batch.Json.Span);
            await body.FlushAsync(http.RequestAborted);
            left -= batch.Count;
            batch = await ReadAsync(batch.LastSequenceNumber, left, http.RequestAborted);
            if (batch.Count > 0)
            {
                body.Write(","u8);
            }
        }

        body.Write(isBare ? "]"u8 : "]}"u8);
        await body.FlushAsync(http.RequestAborted);
    }

    private ValueTask<DeltaBatch> ReadAsync(long from, int count, CancellationToken cancellationToken) => count > 0 && from < through
        ? store.ReadDeltasAsync(document, from, through, count, options.DeltasReadBytes, cancellationToken)
        : ValueTask.FromResult(new DeltaBatch(from, ReadOnlyMemory<byte>.Empty, []));
}
