namespace Levee.Identity;

/// <summary>The tenants that exist in Development only, and the keys that are refused everywhere else.</summary>
internal static class DevelopmentTenants
{
    private const string SharedKey = "dev-tenant-secret-key";

    /// <summary>The ids and keys that clients' samples and test suites carry.</summary>
    public static IReadOnlyList<Tenant> All { get; } =
    [
        Make("dev-tenant", "levee-dev-secret-change-in-production"),
        Make("fluid", SharedKey),
        Make("sandbag", SharedKey),
        Make("tinylicious", "12345"),
        Make("local", "local", acceptsAnyKey: true),
    ];

    public static bool IsKnownKey(string secret) => All.Any(tenant => tenant.Secret1 == secret);

    private static Tenant Make(string id, string key, bool acceptsAnyKey = false) =>
        new(id, id, key, key, TenantOrigin.BuiltIn, acceptsAnyKey);
}
