using Microsoft.Extensions.Configuration;

namespace Levee.Identity;

/// <summary>The environment variables that register one tenant, named as in the original Levee.</summary>
internal static class IdentityEnvironment
{
    public const string TenantId = "LEVEE_TENANT_ID";
    public const string TenantKey = "LEVEE_TENANT_KEY";

    /// <summary>
    /// Adds that tenant when either variable is set: with one of the two alone the validator names the missing one, which
    /// beats a server that silently lacks its tenant.
    /// </summary>
    public static void AddTenant(IConfiguration configuration, IdentityOptions options)
    {
        var id = configuration[TenantId];
        var key = configuration[TenantKey];
        if (string.IsNullOrEmpty(id) && string.IsNullOrEmpty(key))
        {
            return;
        }

        options.Tenants.Add(new TenantOptions { Id = id ?? "", Secret1 = key ?? "", FromEnvironment = true });
    }
}
