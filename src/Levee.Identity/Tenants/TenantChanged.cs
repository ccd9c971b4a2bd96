namespace Levee.Identity;

/// <summary>The change is durable and in force.</summary>
/// <param name="Tenant">The tenant as it is now; after a deletion, as it was.</param>
public sealed record TenantChanged(Tenant Tenant) : TenantOutcome;
