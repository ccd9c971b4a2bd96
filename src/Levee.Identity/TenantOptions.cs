namespace Levee.Identity;

/// <summary>A tenant that the configuration names.</summary>
public sealed class TenantOptions
{
    /// <summary>See <see cref="TenantId"/> for the form. Required.</summary>
    public string Id { get; set; } = "";

    /// <summary>Shown to people; the id when absent.</summary>
    public string? Name { get; set; }

    /// <summary>The secret that signs; see <see cref="TenantSecret"/> for the form. Required.</summary>
    public string Secret1 { get; set; } = "";

    /// <summary>The other secret that verifies. When absent one is generated and kept in the store, across restarts.</summary>
    public string? Secret2 { get; set; }

    /// <summary>Whether it comes from <c>LEVEE_TENANT_ID</c> and <c>LEVEE_TENANT_KEY</c>, which messages then name.</summary>
    internal bool FromEnvironment { get; init; }
}
