namespace Levee.Identity;

/// <summary>What a token is worth: <see cref="TokenClaims"/> or a <see cref="TokenFailure"/>, nothing else.</summary>
public abstract record TokenOutcome
{
    private protected TokenOutcome()
    {
    }
}
