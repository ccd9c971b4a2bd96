namespace Levee.Identity;

/// <summary>Why a token was refused; one for each reason of the contract's error table (section 3).</summary>
public enum TokenFailureReason
{
    /// <summary><c>missing_token</c>, 401.</summary>
    MissingToken,

    /// <summary><c>token_expired</c>, 401.</summary>
    TokenExpired,

    /// <summary><c>token_revoked</c>, 401: good in itself, but an operator has taken it back.</summary>
    TokenRevoked,

    /// <summary><c>invalid_signature</c>, 401.</summary>
    InvalidSignature,

    /// <summary><c>unknown_tenant</c>, 401.</summary>
    UnknownTenant,

    /// <summary><c>invalid_token</c>, 401: not a token of the form that we read.</summary>
    InvalidToken,

    /// <summary><c>missing_claims</c>, 401: the message names them.</summary>
    MissingClaims,

    /// <summary><c>tenant_mismatch</c>, 403.</summary>
    TenantMismatch,

    /// <summary><c>document_mismatch</c>, 403.</summary>
    DocumentMismatch,

    /// <summary><c>missing_scope</c>, 403: the message names it.</summary>
    MissingScope,
}
