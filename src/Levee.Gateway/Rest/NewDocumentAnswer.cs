using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.Rest;

/// <summary>The answer to who made a document: its id alone, a JSON string, or an object with what else was asked for.</summary>
internal sealed class NewDocumentAnswer(
    SessionDirectory sessions, RestUrls urls, TenantDirectory tenants, TokenMinter minter, TimeProvider time)
{
    private static readonly TimeSpan ShortestLife = TimeSpan.FromSeconds(1);

    public IResult Of(HttpContext http, DocumentKey document, bool wantsSession, bool wantsToken) => wantsSession || wantsToken
        ? TypedResults.Json(
            new CreatedDocumentShape(
                document.DocumentId,
                wantsToken ? Token(document, http.Claims()) : null,
                wantsSession ? SessionInfoEndpoints.Of(http.Request, document, sessions, urls) : null),
            RestJson.Default.CreatedDocumentShape,
            statusCode: StatusCodes.Status201Created)
        : TypedResults.Json(document.DocumentId, RestJson.Default.String, statusCode: StatusCodes.Status201Created);

    /// <summary>A token for the new document: its creator's user and scopes, and no longer life than the creator's token has left.</summary>
    private string? Token(DocumentKey document, TokenClaims creator)
    {
        var left = creator.ExpiresAt - time.GetUtcNow();
        var life = left < ShortestLife ? ShortestLife : left < TokenMinter.DefaultLifetime ? left : TokenMinter.DefaultLifetime;
        // A tenant that was deleted since the token was verified has nothing to sign with.
        return tenants.Find(document.TenantId) is { } tenant
            ? minter.Mint(tenant, document.DocumentId, creator.User, creator.Scopes, life)
            : null;
    }
}
