namespace Levee.Identity;

/// <summary>What an operator asks to be revoked: a <c>jti</c>, a user, or, with neither, all of a tenant.</summary>
/// <param name="TenantId">Whose tokens.</param>
/// <param name="Jti">One token's id, exactly as it stands in the token; not together with a user.</param>
/// <param name="UserId">One user's id, exactly as it stands in the token.</param>
/// <param name="ExpiresAt">When no token that is meant is alive any more, and the revocation may be forgotten; null when it is to be kept.</param>
/// <param name="Reason">A note for other operators.</param>
public sealed record RevocationRequest(
    string TenantId, string? Jti = null, string? UserId = null, DateTimeOffset? ExpiresAt = null, string? Reason = null);
