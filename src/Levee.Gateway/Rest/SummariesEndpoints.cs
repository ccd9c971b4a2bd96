using Levee.Protocol;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>Summaries that come and go whole, in one request, instead of blob by blob and tree by tree.</summary>
internal static class SummariesEndpoints
{
    private const string Latest = "latest";

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/repos/{tenant}/git/summaries", StoreAsync).RequireScopes(Scopes.DocRead, Scopes.SummaryWrite);
        endpoints.MapRead("/repos/{tenant}/git/summaries/{sha}", ReadAsync).RequireScopes(Scopes.DocRead);
    }

    private static async Task<IResult> StoreAsync(
        string tenant, HttpContext http, IDocumentStore store, SummaryUploads uploads, IOptions<RestOptions> options)
    {
        if (http.Request.Query["initial"].ToString() is not ("" or "false"))
        {
            return RestErrors.Of(StatusCodes.Status400BadRequest, "initial must be false: POST /documents creates a document with its initial summary");
        }

        using var body = await RequestBody.ReadAsync(http, options.Value.MaxSummaryBytes, ObjectLimits.MaxSummaryJsonDepth);
        // A container's summary would hold .app and .protocol; only services that announce it are sent one.
        if (body.Text("type") is not (null or "channel"))
        {
            return RestErrors.Of(StatusCodes.Status400BadRequest, "type must be channel: the app's tree alone");
        }

        var document = new DocumentKey(tenant, http.Claims().DocumentId);
        var summary = SummaryEntriesReader.ReadList(body.Require("entries"));
        if (await store.FindDocumentAsync(document, http.RequestAborted) is null)
        {
            return RestErrors.DocumentNotFound;
        }

        var handle = await uploads.StoreAsync(document, summary, http.RequestAborted);
        return TypedResults.Json(new StoredSummaryShape(handle.ToString()), RestJson.Default.StoredSummaryShape, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> ReadAsync(string tenant, string sha, HttpContext http, SummarySnapshots snapshots, ObjectReader objects)
    {
        SummarySnapshot? summary;
        if (sha == Latest)
        {
            summary = await snapshots.ReadLatestAsync(new DocumentKey(tenant, http.Claims().DocumentId), http.RequestAborted);
        }
        else
        {
            summary = await snapshots.ReadAsync(tenant, Immutable.ParseId(sha, "sha"), http.RequestAborted);
        }

        if (summary is null)
        {
            return RestErrors.NotFound("Summary");
        }

        if (sha != Latest)
        {
            Immutable.Keep(http);
        }

        return new SummaryResult(summary, objects, tenant);
    }
}
