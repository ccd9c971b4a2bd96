using System.Diagnostics;

namespace Levee.Identity;

/// <summary>
/// A refused token, with the words of the contract's error table (section 3). The message never quotes the token.
/// </summary>
public sealed record TokenFailure : TokenOutcome
{
    private TokenFailure(TokenFailureReason reason, string message)
    {
        Reason = reason;
        Message = message;
    }

    /// <summary>Why.</summary>
    public TokenFailureReason Reason { get; }

    /// <summary>The sentence that the client gets.</summary>
    public string Message { get; }

    /// <summary>The reason as it stands on the wire, for instance <c>token_expired</c>.</summary>
    public string ReasonName => Reason switch
    {
        TokenFailureReason.MissingToken => "missing_token",
        TokenFailureReason.TokenExpired => "token_expired",
        TokenFailureReason.TokenRevoked => "token_revoked",
        TokenFailureReason.InvalidSignature => "invalid_signature",
        TokenFailureReason.UnknownTenant => "unknown_tenant",
        TokenFailureReason.InvalidToken => "invalid_token",
        TokenFailureReason.MissingClaims => "missing_claims",
        TokenFailureReason.TenantMismatch => "tenant_mismatch",
        TokenFailureReason.DocumentMismatch => "document_mismatch",
        TokenFailureReason.MissingScope => "missing_scope",
        _ => throw new UnreachableException(),
    };

    /// <summary>The HTTP-like code: 401 for a token that proves nothing, 403 for a good one that does not allow this.</summary>
    public int Code => Reason is TokenFailureReason.TenantMismatch
        or TokenFailureReason.DocumentMismatch
        or TokenFailureReason.MissingScope
            ? 403
            : 401;

    internal static TokenFailure MissingToken { get; } =
        new(TokenFailureReason.MissingToken, "Missing authentication token");

    internal static TokenFailure TokenExpired { get; } = new(TokenFailureReason.TokenExpired, "Token has expired");

    internal static TokenFailure TokenRevoked { get; } =
        new(TokenFailureReason.TokenRevoked, "Token has been revoked");

    internal static TokenFailure InvalidSignature { get; } =
        new(TokenFailureReason.InvalidSignature, "Invalid token signature");

    internal static TokenFailure UnknownTenant { get; } = new(TokenFailureReason.UnknownTenant, "Unknown tenant");

    internal static TokenFailure TenantMismatch { get; } =
        new(TokenFailureReason.TenantMismatch, "Token not valid for this tenant");

    internal static TokenFailure DocumentMismatch { get; } =
        new(TokenFailureReason.DocumentMismatch, "Token not valid for this document");

    internal static TokenFailure InvalidToken(string problem) =>
        new(TokenFailureReason.InvalidToken, $"Invalid token: {problem}");

    internal static TokenFailure MissingClaims(IEnumerable<string> names) =>
        new(TokenFailureReason.MissingClaims, $"Invalid token: missing claims: {string.Join(", ", names)}");

    internal static TokenFailure MissingScope(string message) => new(TokenFailureReason.MissingScope, message);
}
