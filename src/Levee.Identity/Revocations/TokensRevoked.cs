namespace Levee.Identity;

/// <summary>The revocation is durable and in force.</summary>
/// <param name="Revocation">As it is now.</param>
/// <param name="IsNew">False when there was one for the same tokens, which now counts from this moment.</param>
public sealed record TokensRevoked(Revocation Revocation, bool IsNew) : RevocationOutcome;
