using Levee.Protocol;
using Levee.Protocol.Git;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>What is served by object id never changes.</summary>
internal static class Immutable
{
    private const string DisableCache = "disableCache";

    /// <summary>
    /// Lets the client keep the answer for ever, unless its query has <c>disableCache</c>. Nobody else: a cache on the way that keeps a
    /// <c>public</c> answer gives it to those without a token, too (RFC 9111, 3.5).
    /// </summary>
    public static void Keep(HttpContext http)
    {
        if (!http.Request.Query.ContainsKey(DisableCache))
        {
            http.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
        }
    }

    /// <summary>Reads an object id that a client sent.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    public static ObjectId ParseId(string hex, string name) =>
        ObjectId.TryParse(hex, out var id) ? id : throw new MalformedMessageException($"{name} must be 40 hexadecimal digits");
}
