using System.Globalization;
using Levee.Protocol;
using Levee.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>The messages of a document: <c>from</c> exclusive, <c>to</c> inclusive, both optional.</summary>
internal static class DeltasEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/deltas/{tenant}/{id}", ReadAsync).RequireScopes(Scopes.DocRead);

    private static async Task<IResult> ReadAsync(
        string tenant, string id, HttpContext http, IDocumentStore store, IOptions<RestOptions> options)
    {
        var from = Number(http.Request, "from") ?? 0;
        var to = Number(http.Request, "to") ?? long.MaxValue;
        var key = new DocumentKey(tenant, id);
        if (await store.FindDocumentAsync(key, http.RequestAborted) is not { } document)
        {
            return RestErrors.DocumentNotFound;
        }

        var after = Math.Max(from, document.InitialSequenceNumber);
        var through = Math.Min(to, document.LastSequenceNumber);
        return new DeltasResult(store, key, after, through, options.Value);
    }

    private static long? Number(HttpRequest request, string name)
    {
        if (!request.Query.TryGetValue(name, out var values))
        {
            return null;
        }

        return values.Count == 1 && long.TryParse(values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new MalformedMessageException($"{name} must be an integer");
    }
}
