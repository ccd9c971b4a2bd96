using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>
/// Gives each request an id, by which a client's report is found in the log: the one that the client or a proxy sent, if it has a plain form,
/// else a new one. The answer carries it in the header that drivers of the reference service keep for their telemetry.
/// </summary>
internal static class RequestIds
{
    public const string Header = "X-Correlation-Id";

    private const int MaxLength = 64;

    // It is written into logs and headers: nothing in it may end a line.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_.:");

    public static void Assign(HttpContext http)
    {
        var sent = http.Request.Headers[Header];
        if (sent is [{ Length: > 0 and <= MaxLength } id] && !id.AsSpan().ContainsAnyExcept(Plain))
        {
            http.TraceIdentifier = id;
        }

        http.Response.Headers[Header] = http.TraceIdentifier;
    }
}
