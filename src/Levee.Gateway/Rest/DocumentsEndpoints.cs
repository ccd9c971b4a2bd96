using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Rest;

/// <summary>Documents: make one, look one up.</summary>
internal static class DocumentsEndpoints
{
    private static readonly RequiredScopes CreationScopes = RequiredScopes.Of(Scopes.DocRead, Scopes.DocWrite);

    public static void Map(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapPost("/documents/{tenant}", CreateAsync).RequireScopes(Scopes.DocRead, Scopes.DocWrite);
        endpoints.MapRead("/documents/{tenant}/{id}", FindAsync).RequireScopes(Scopes.DocRead);
    }

    private static async Task<IResult> CreateAsync(
        string tenant,
        HttpContext http,
        TokenVerifier verifier,
        DocumentCreator creator,
        SessionDirectory sessions,
        RestUrls urls,
        IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxDocumentBytes);
        var asked = body.Text("id") is { Length: > 0 } text ? text : null;
        // Only the body says which document the token must be for.
        if (verifier.VerifyForCreation(RequestToken.Read(http.Request), tenant, asked, CreationScopes) is TokenFailure refused)
        {
            return RequestToken.Refuse(http, refused);
        }

        var key = new DocumentKey(tenant, asked ?? DocumentId.Generate());
        var summary = body.Member("summary") is { } json ? SummaryJsonReader.Read(json) : null;
        var draft = new DocumentDraft(summary, body.Integer("sequenceNumber"), body.Member("values"));
        var wantsSession = body.Flag("enableDiscovery");
        if (!await creator.CreateAsync(key, draft, http.RequestAborted))
        {
            return RestErrors.Of(StatusCodes.Status409Conflict, "Document already exists");
        }

        return wantsSession
            ? TypedResults.Json(
                new CreatedDocumentShape(key.DocumentId, SessionInfoEndpoints.Of(http.Request, key, sessions, urls)),
                RestJson.Default.CreatedDocumentShape,
                statusCode: StatusCodes.Status201Created)
            : TypedResults.Json(key.DocumentId, RestJson.Default.String, statusCode: StatusCodes.Status201Created);
    }

    private static async Task<IResult> FindAsync(string tenant, string id, IDocumentStore store, CancellationToken cancellationToken) =>
        await store.FindDocumentAsync(new DocumentKey(tenant, id), cancellationToken) is { } document
            ? TypedResults.Json(new DocumentShape(id, tenant, document.LastSequenceNumber), RestJson.Default.DocumentShape)
            : RestErrors.DocumentNotFound;
}
