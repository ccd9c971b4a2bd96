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
        NewDocumentAnswer answer,
        IOptions<RestOptions> options)
    {
        using var body = await RequestBody.ReadAsync(http, options.Value.MaxDocumentBytes, ObjectLimits.MaxSummaryJsonDepth);
        var asked = body.Text("id") is { Length: > 0 } text ? text : null;
        // Only the body says which document the token must be for.
        if (verifier.VerifyForCreation(RequestCredentials.Read(http.Request).Token, tenant, asked, CreationScopes) is TokenFailure refused)
        {
            return RequestCredentials.Refuse(http, refused);
        }

        var dialect = http.Request.Dialect();
        var key = new DocumentKey(tenant, asked ?? DocumentId.Generate());
        var draft = new DocumentDraft(Summary(body, dialect), body.Integer("sequenceNumber"), body.Member("values"));
        var wantsSession = body.Flag("enableDiscovery");
        var wantsToken = dialect == RestDialect.Routerlicious && body.Flag("generateToken");
        // 409 is final: no driver tries again to make what is there.
        return await creator.CreateAsync(key, draft, http.RequestAborted)
            ? answer.Of(http, key, wantsSession, wantsToken)
            : RestErrors.Of(StatusCodes.Status409Conflict, "Document already exists");
    }

    private static SummaryTree? Summary(RequestBody body, RestDialect dialect)
    {
        if (body.Member("summary") is not { } json)
        {
            return null;
        }

        var summary = SummaryJsonReader.Read(json);
        // A list of entries comes with the names escaped that drivers unescape when they load; the older form does not.
        return dialect == RestDialect.Routerlicious && !SummaryJsonReader.IsEntries(json) ? EscapedNames.In(summary) : summary;
    }

    private static async Task<IResult> FindAsync(string tenant, string id, IDocumentStore store, CancellationToken cancellationToken) =>
        await store.FindDocumentAsync(new DocumentKey(tenant, id), cancellationToken) is { } document
            ? TypedResults.Json(new DocumentShape(id, tenant, document.LastSequenceNumber), RestJson.Default.DocumentShape)
            : RestErrors.DocumentNotFound;
}
