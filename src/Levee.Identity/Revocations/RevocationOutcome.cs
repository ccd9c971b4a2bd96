namespace Levee.Identity;

/// <summary>What came of a revocation: <see cref="TokensRevoked"/> or <see cref="RevocationRefused"/>.</summary>
public abstract record RevocationOutcome
{
    private protected RevocationOutcome()
    {
    }
}
