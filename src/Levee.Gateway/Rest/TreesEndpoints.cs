using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>A tenant's trees.</summary>
internal static class TreesEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/repos/{tenant}/git/trees", CreateAsync).RequireScopes(Scopes.DocRead, Scopes.SummaryWrite);
        endpoints.MapRead("/repos/{tenant}/git/trees/{sha}", FindAsync).RequireScopes(Scopes.DocRead);
    }

    private static async Task<IResult> CreateAsync(
        string tenant, HttpContext http, TreeService trees, RestUrls urls, IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxBodyBytes);
        var changes = body.Require("tree").As("tree", RestJson.Default.TreeEntryRequestArray).Select(ToChange).ToArray();
        ObjectId? baseTree = body.Text("base_tree") is { } sha ? Immutable.ParseId(sha, "base_tree") : null;
        var document = new DocumentKey(tenant, http.Claims().DocumentId);
        var tree = await trees.CreateAsync(document, changes, baseTree, http.RequestAborted);
        return TypedResults.Json(
            Shape(tree.Id, ObjectReader.EntriesOf(tree), http.Request, tenant, urls),
            RestJson.Default.TreeShape,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> FindAsync(string tenant, string sha, HttpContext http, TreeService trees, RestUrls urls)
    {
        var id = Immutable.ParseId(sha, "sha");
        if (await trees.ListAsync(tenant, id, IsRecursive(http.Request), http.RequestAborted) is not { } entries)
        {
            return RestErrors.NotFound("Tree");
        }

        Immutable.Keep(http);
        return TypedResults.Json(Shape(id, entries, http.Request, tenant, urls), RestJson.Default.TreeShape);
    }

    private static bool IsRecursive(HttpRequest request) => request.Query["recursive"].ToString() switch
    {
        "1" or "true" => true,
        "" or "0" or "false" => false,
        _ => throw new MalformedMessageException("recursive must be 1 or 0"),
    };

    private static TreeChange ToChange(TreeEntryRequest? entry, int index)
    {
        if (entry is null)
        {
            throw new MalformedMessageException($"tree[{index}] must be an object");
        }

        var path = entry.Path ?? throw Missing(index, "path");
        var sha = entry.Sha is { Length: > 0 } ? entry.Sha : throw Missing(index, "sha");
        if (!GitFileModes.TryParse(entry.Mode ?? throw Missing(index, "mode"), out var mode))
        {
            throw new MalformedMessageException($"tree[{index}].mode must be 040000, 100644, 100755 or 120000");
        }

        var type = ObjectReader.NameOf(ObjectReader.KindOf(mode));
        return entry.Type is null || entry.Type == type
            ? new TreeChange(path, mode, sha)
            : throw new MalformedMessageException($"tree[{index}].type must be {type} for mode {mode.ToWireString()}");
    }

    private static MalformedMessageException Missing(int index, string name) => new($"Missing required field: tree[{index}].{name}");

    private static TreeShape Shape(ObjectId id, IReadOnlyList<GitTreeEntry> entries, HttpRequest request, string tenant, RestUrls urls) => new(
        id.ToString(),
        urls.Tree(request, tenant, id),
        [.. entries.Select(entry => new TreeEntryShape(
            entry.Name,
            entry.Mode.ToWireString(),
            ObjectReader.NameOf(ObjectReader.KindOf(entry.Mode)),
            entry.Id.ToString(),
            entry.Mode == GitFileMode.Directory ? urls.Tree(request, tenant, entry.Id) : urls.Blob(request, tenant, entry.Id)))]);
}
