using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>
/// Decides what a token is worth for a request, in this order: there is one; the request's tenant exists; the token has the form
/// of an HS256 JWT; one of that tenant's secrets signed it; its claims are complete; it is in force now; it is for this tenant;
/// nobody has revoked it; it is for this document, and allows what the request needs. So nothing is said about the inside of a
/// token that the tenant did not sign. No input makes it throw; any thread may call it.
/// </summary>
public sealed class TokenVerifier
{
    private const string NewDocument = "__new__";

    private readonly TenantDirectory _tenants;
    private readonly RevocationList _revocations;
    private readonly TimeProvider _clock;
    private readonly TimeSpan _skew;
    private readonly int _maximumLength;

    /// <summary>A verifier over loaded tenants.</summary>
    /// <param name="tenants">Who may sign.</param>
    /// <param name="revocations">Which tokens were taken back.</param>
    /// <param name="options">The longest token and the tolerated clock difference.</param>
    /// <param name="clock">What time it is.</param>
    public TokenVerifier(
        TenantDirectory tenants, RevocationList revocations, IOptions<IdentityOptions> options, TimeProvider clock)
    {
        _tenants = tenants;
        _revocations = revocations;
        _clock = clock;
        _skew = options.Value.ClockSkew;
        _maximumLength = options.Value.MaximumTokenLength;
    }

    /// <summary>For a request on one document: the token must name exactly it.</summary>
    /// <param name="token">The compact JWT, without <c>Bearer</c>; anything a client sends.</param>
    /// <param name="tenantId">The tenant of the topic or URL, whose secrets must have signed.</param>
    /// <param name="documentId">The document of the topic or URL.</param>
    /// <param name="required">What the request needs.</param>
    public TokenOutcome Verify(string? token, string tenantId, string documentId, RequiredScopes required) =>
        Verify(token, tenantId, required, claimed => claimed == documentId);

    /// <summary>
    /// For a request that creates a document: the token names it, or is one for creating (<c>""</c> or <c>"__new__"</c>).
    /// </summary>
    /// <param name="token">The compact JWT, without <c>Bearer</c>; anything a client sends.</param>
    /// <param name="tenantId">The tenant of the URL, whose secrets must have signed.</param>
    /// <param name="documentId">The id that the client asks for; <see langword="null"/> when the server chooses one.</param>
    /// <param name="required">What the request needs.</param>
    public TokenOutcome VerifyForCreation(string? token, string tenantId, string? documentId, RequiredScopes required) =>
        Verify(token, tenantId, required, claimed => claimed is "" or NewDocument || claimed == documentId);

    /// <summary>For a request on a tenant's git objects and refs, whose URL names no document.</summary>
    /// <param name="token">The compact JWT, without <c>Bearer</c>; anything a client sends.</param>
    /// <param name="tenantId">The tenant of the URL, whose secrets must have signed.</param>
    /// <param name="required">What the request needs.</param>
    public TokenOutcome VerifyForTenant(string? token, string tenantId, RequiredScopes required) =>
        Verify(token, tenantId, required, _ => true);

    /// <summary>
    /// When a connection must end that a token has opened: the token expires, by our clock and the tolerated difference, or it was
    /// revoked.
    /// </summary>
    /// <param name="claims">A verified token's claims.</param>
    public DateTimeOffset EndOf(TokenClaims claims)
    {
        var expiry = claims.ExpiresAt < DateTimeOffset.MaxValue - _skew ? claims.ExpiresAt + _skew : DateTimeOffset.MaxValue;
        return _revocations.Find(claims)?.TakesEffectAt is { } revoked && revoked < expiry ? revoked : expiry;
    }

    /// <summary>Why a connection must end now that a token has opened: it has expired, or was revoked; null while it may stay.</summary>
    /// <param name="claims">A verified token's claims.</param>
    public TokenFailure? CheckAgain(TokenClaims claims)
    {
        if (_clock.GetUtcNow() < EndOf(claims))
        {
            return null;
        }

        return _clock.GetUtcNow() - _skew >= claims.ExpiresAt ? TokenFailure.TokenExpired : TokenFailure.TokenRevoked;
    }

    private TokenOutcome Verify(string? token, string tenantId, RequiredScopes required, Predicate<string> isForDocument)
    {
        if (string.IsNullOrWhiteSpace(token))
        {
            return TokenFailure.MissingToken;
        }

        if (_tenants.Find(tenantId) is not { } tenant)
        {
            return TokenFailure.UnknownTenant;
        }

        var outcome = Authenticate(token, tenant);
        return outcome is TokenClaims claims ? Authorize(claims, tenant, required, isForDocument) : outcome;
    }

    private TokenOutcome Authenticate(string token, Tenant tenant)
    {
        if (token.Length > _maximumLength)
        {
            return TokenFailure.InvalidToken($"longer than {_maximumLength} characters");
        }

        if (SignedToken.Read(token, out var signed) is { } malformed)
        {
            return malformed;
        }

        if (!signed!.IsSignedBy(tenant))
        {
            return TokenFailure.InvalidSignature;
        }

        var outcome = ClaimsReader.Read(signed.Payload, out var notBefore);
        return outcome is TokenClaims claims ? CheckTime(claims, notBefore) ?? outcome : outcome;
    }

    private TokenFailure? CheckTime(TokenClaims claims, DateTimeOffset? notBefore)
    {
        var now = _clock.GetUtcNow();

        // RFC 7519, 4.1.4: refused on or after exp; 4.1.5: refused before nbf. iat is the maker's note and not compared.
        if (now - _skew >= claims.ExpiresAt)
        {
            return TokenFailure.TokenExpired;
        }

        return now + _skew < notBefore ? TokenFailure.InvalidToken("not valid yet (nbf)") : null;
    }

    private TokenOutcome Authorize(
        TokenClaims claims, Tenant tenant, RequiredScopes required, Predicate<string> isForDocument)
    {
        if (claims.TenantId != tenant.Id)
        {
            return TokenFailure.TenantMismatch;
        }

        if (_revocations.Find(claims) is not null)
        {
            return TokenFailure.TokenRevoked;
        }

        return isForDocument(claims.DocumentId)
            ? required.Check(claims) ?? (TokenOutcome)claims
            : TokenFailure.DocumentMismatch;
    }
}
