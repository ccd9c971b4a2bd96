using Levee.Protocol;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Levee.Gateway.Rest;

/// <summary>Where a document's session is found: here, all of it.</summary>
internal static class SessionInfoEndpoints
{
    private const string ClusterDraining = "ClusterDraining";

    public static void Map(IEndpointRouteBuilder endpoints) =>
        endpoints.MapRead("/documents/{tenant}/session/{id}", FindAsync).RequireScopes(Scopes.DocRead);

    /// <summary>The session of a document that exists.</summary>
    public static SessionShape Of(HttpRequest request, DocumentKey document, SessionDirectory sessions, RestUrls urls)
    {
        var address = urls.Base(request);
        var isLive = sessions.IsLive(document);
        return new SessionShape(address, address, address, isLive, isLive);
    }

    private static async Task<IResult> FindAsync(
        string tenant,
        string id,
        HttpContext http,
        IDocumentStore store,
        SessionDirectory sessions,
        RestUrls urls,
        IHostApplicationLifetime lifetime)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested && http.Request.Dialect() == RestDialect.Routerlicious)
        {
            return RestErrors.Unavailable("Server is shutting down", ClusterDraining);
        }

        var key = new DocumentKey(tenant, id);
        return await store.FindDocumentAsync(key, http.RequestAborted) is null
            ? RestErrors.DocumentNotFound
            : TypedResults.Json(Of(http.Request, key, sessions, urls), RestJson.Default.SessionShape);
    }
}
