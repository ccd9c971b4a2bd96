namespace Levee.Identity;

/// <summary>What came of a change of tenants: <see cref="TenantChanged"/> or <see cref="TenantRefused"/>.</summary>
public abstract record TenantOutcome
{
    private protected TenantOutcome()
    {
    }
}
