namespace Levee.Testing;

/// <summary>Tenants that a server in Development has.</summary>
public static class TestTenants
{
    /// <summary>The one that tests use when they do not care.</summary>
    public static TestTenant Default { get; } = new("dev-tenant", "levee-dev-secret-change-in-production");

    /// <summary>Another one, for what must not cross from tenant to tenant.</summary>
    public static TestTenant Other { get; } = new("fluid", "dev-tenant-secret-key");

    /// <summary>One that no server has.</summary>
    public static TestTenant Unknown { get; } = new("no-such-tenant", "levee-dev-secret-change-in-production");
}
