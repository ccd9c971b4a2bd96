namespace Levee.Identity;

/// <summary>What came of a change of tenants: a <see cref="TenantChanged"/> or a <see cref="TenantRefused"/>, nothing else.</summary>
public abstract record TenantOutcome
{
    private protected TenantOutcome()
    {
    }
}
