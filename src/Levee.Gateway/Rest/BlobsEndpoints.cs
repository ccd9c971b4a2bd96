using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>A tenant's blobs. One can be read as soon as it was uploaded, before anything names it.</summary>
internal static class BlobsEndpoints
{
    public static void Map(IEndpointRouteBuilder endpoints)
    {
        // A stock client uploads what users attach to a document as the user, who may write it, and not as its summarizer.
        endpoints.MapPost("/repos/{tenant}/git/blobs", CreateAsync)
            .RequireScopesOrElse([Scopes.DocRead, Scopes.SummaryWrite], [Scopes.DocRead, Scopes.DocWrite]);
        endpoints.MapRead("/repos/{tenant}/git/blobs/{sha}", FindAsync).RequireScopes(Scopes.DocRead);
    }

    private static async Task<IResult> CreateAsync(
        string tenant, HttpContext http, IDocumentStore store, RestUrls urls, IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxBlobBytes);
        var blob = GitObject.Blob(BlobContent.Decode(body.Require("content"), body.Text("encoding")));
        await store.PutObjectsAsync(tenant, [blob], http.RequestAborted);
        return TypedResults.Json(
            new ObjectShape(blob.Id.ToString(), urls.Blob(http.Request, tenant, blob.Id)),
            RestJson.Default.ObjectShape,
            statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> FindAsync(string tenant, string sha, HttpContext http, ObjectReader objects, RestUrls urls)
    {
        var id = Immutable.ParseId(sha, "sha");
        return await objects.FindAsync(tenant, id, GitObjectKind.Blob, http.RequestAborted) is { } blob
            ? new BlobResult(blob, urls.Blob(http.Request, tenant, id))
            : RestErrors.NotFound("Blob");
    }
}
