namespace Levee.Identity;

/// <summary>Why a revocation was refused.</summary>
public enum RevocationRefusal
{
    /// <summary>There is no such tenant.</summary>
    UnknownTenant,

    /// <summary>Both a <c>jti</c> and a user are named, or one is empty, too long, or no text; or the note is.</summary>
    InvalidSubject,

    /// <summary>The end lies in the past, so nothing would be revoked.</summary>
    AlreadyExpired,

    /// <summary>As many as <see cref="IdentityOptions.MaximumRevocations"/> are kept.</summary>
    TooMany,
}
