using Levee.Identity;
using Levee.Storage;

namespace Levee.Gateway.Rest.Admin;

/// <summary>A revocation, of a <c>jti</c>, of a user, or, with neither, of a tenant.</summary>
internal sealed record RevocationShape(
    string Id,
    string TenantId,
    string? Jti,
    string? UserId,
    DateTimeOffset RevokedAt,
    DateTimeOffset TakesEffectAt,
    DateTimeOffset? ExpiresAt,
    string? Reason)
{
    public static RevocationShape Of(Revocation revocation) => new(
        revocation.Id,
        revocation.TenantId,
        revocation.Kind == RevocationKind.Token ? revocation.Subject : null,
        revocation.Kind == RevocationKind.User ? revocation.Subject : null,
        revocation.RevokedAt,
        revocation.TakesEffectAt,
        revocation.ExpiresAt,
        revocation.Reason);
}

/// <summary>The answer to who revoked.</summary>
internal sealed record RevocationAnswer(RevocationShape Revocation);

/// <summary>A tenant's revocations.</summary>
internal sealed record RevocationsAnswer(IReadOnlyList<RevocationShape> Revocations);
