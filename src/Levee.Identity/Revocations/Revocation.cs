using Levee.Storage;

namespace Levee.Identity;

/// <summary>
/// Tokens that are taken back before their time: those of a <c>jti</c>, of a user of a tenant, or of a tenant. Immutable.
/// </summary>
/// <remarks>
/// A user's and a tenant's revocation concern the tokens that were issued before. <c>iat</c> counts whole seconds, so a token of the
/// very second of the revocation may be older or younger: it counts as older. Clients that ask for another token at once would get one
/// of that second and be refused for good, so open connections end when the second is over.
/// </remarks>
public sealed record Revocation
{
    /// <summary>The most characters of a <c>jti</c> or a user's id.</summary>
    public const int MaximumSubjectLength = 1024;

    /// <summary>The most characters of an operator's note.</summary>
    public const int MaximumReasonLength = 512;

    /// <summary>The revocation's own id.</summary>
    public required string Id { get; init; }

    /// <summary>Whose tokens are taken back.</summary>
    public required string TenantId { get; init; }

    /// <summary>Which of them.</summary>
    public required RevocationKind Kind { get; init; }

    /// <summary>The <c>jti</c> or the user's id; empty for a whole tenant.</summary>
    public required string Subject { get; init; }

    /// <summary>When, in milliseconds.</summary>
    public required DateTimeOffset RevokedAt { get; init; }

    /// <summary>When no token that it concerns is alive any more, as the operator says; null when it is kept until it is deleted.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The operator's note; null when there is none.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// Open connections of its tokens end at this moment, less than a second after <see cref="RevokedAt"/>: a <c>jti</c>'s at once, the
    /// others' when the second is over. Tokens issued from then on are none of its business.
    /// </summary>
    public DateTimeOffset TakesEffectAt => Kind == RevocationKind.Token ? RevokedAt : NextSecond(RevokedAt);

    /// <summary>Whether a token of the right tenant, and user or <c>jti</c>, is taken back.</summary>
    internal bool Concerns(TokenClaims claims) => Kind == RevocationKind.Token || claims.IssuedAt < TakesEffectAt;

    internal StoredRevocation ToStored() => new(TenantId, Kind, Subject, Id, RevokedAt, ExpiresAt, Reason);

    internal static Revocation Of(StoredRevocation stored) => new()
    {
        Id = stored.Id,
        TenantId = stored.TenantId,
        Kind = stored.Kind,
        Subject = stored.Subject,
        RevokedAt = stored.RevokedAt,
        ExpiresAt = stored.ExpiresAt,
        Reason = stored.Reason,
    };

    /// <summary>A token of the whole second at which a moment lies may be older than the moment, so the second's end is what counts.</summary>
    private static DateTimeOffset NextSecond(DateTimeOffset moment) =>
        DateTimeOffset.FromUnixTimeSeconds(moment.ToUnixTimeSeconds() + 1);
}
