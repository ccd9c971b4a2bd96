using Levee.Protocol;
using Levee.Protocol.Git;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>What is served by object id never changes.</summary>
internal static class Immutable
{
    /// <summary>Lets the client keep the answer for ever; nobody else, since it takes a token to see it.</summary>
    public static void Keep(HttpResponse response) => response.Headers.CacheControl = "private, max-age=31536000, immutable";

    /// <summary>Reads an object id that a client sent.</summary>
    /// <exception cref="MalformedMessageException">It is none.</exception>
    public static ObjectId ParseId(string hex, string name) =>
        ObjectId.TryParse(hex, out var id) ? id : throw new MalformedMessageException($"{name} must be 40 hexadecimal digits");
}
