namespace Levee.Storage;

/// <summary>A revocation as it is kept: one for each tenant, kind and subject.</summary>
/// <param name="TenantId">Whose tokens are taken back.</param>
/// <param name="Kind">Which of them.</param>
/// <param name="Subject">The <c>jti</c> or the user's id; empty for the whole tenant.</param>
/// <param name="Id">The revocation's own id, unique in the store.</param>
/// <param name="RevokedAt">When; kept in milliseconds.</param>
/// <param name="ExpiresAt">When no token that it concerns is alive any more, kept in milliseconds; null when nobody has said.</param>
/// <param name="Reason">The operator's note; null when there is none.</param>
public sealed record StoredRevocation(
    string TenantId,
    RevocationKind Kind,
    string Subject,
    string Id,
    DateTimeOffset RevokedAt,
    DateTimeOffset? ExpiresAt,
    string? Reason);
