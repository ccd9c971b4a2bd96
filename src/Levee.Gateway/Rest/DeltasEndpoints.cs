using System.Globalization;
using Levee.Protocol;
using Levee.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>
/// The messages of a document between <c>from</c>, exclusive, and <c>to</c>, both optional. Levee's clients mean <c>to</c> inclusively, and
/// get <c>{"value": [...]}</c>; routerlicious drivers mean it exclusively and get the list alone, an empty one for an unknown document.
/// </summary>
internal static class DeltasEndpoints
{
    private static readonly IResult NoDeltas = TypedResults.Text("[]", "application/json");

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/deltas/{tenant}/{id}", ReadAsync).RequireScopes(Scopes.DocRead);

    private static async Task<IResult> ReadAsync(
        string tenant, string id, HttpContext http, IDocumentStore store, IOptions<RestOptions> options)
    {
        var from = Number(http.Request, "from") ?? 0;
        var to = Number(http.Request, "to") ?? long.MaxValue;
        var key = new DocumentKey(tenant, id);
        var dialect = http.Request.Dialect();
        if (await store.FindDocumentAsync(key, http.RequestAborted) is not { } document)
        {
            return dialect == RestDialect.Routerlicious ? NoDeltas : RestErrors.DocumentNotFound;
        }

        var after = Math.Max(from, document.InitialSequenceNumber);
        var through = Math.Min(dialect == RestDialect.Routerlicious ? Before(to) : to, document.LastSequenceNumber);
        return new DeltasResult(store, key, after, through, options.Value);
    }

    private static long Before(long number) => number == long.MinValue ? number : number - 1;

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
