namespace Levee.Storage;

/// <summary>What a revocation takes back; the numbers are those that are stored.</summary>
public enum RevocationKind
{
    /// <summary>The tokens with one <c>jti</c>, whenever they were issued.</summary>
    Token = 1,

    /// <summary>The tokens of one user that were issued before.</summary>
    User = 2,

    /// <summary>The tenant's tokens that were issued before.</summary>
    Tenant = 3,
}
