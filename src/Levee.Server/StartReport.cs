using Levee.Identity;

namespace Levee.Server;

/// <summary>What the server says of itself when it listens.</summary>
internal static class StartReport
{
    private const string SampleTenant = "dev-tenant";
    private const string SampleDocument = "hello";

    public static void Print(
        TextWriter output,
        IEnumerable<string> addresses,
        string dataPath,
        IEnumerable<Tenant> tenants,
        IHostEnvironment environment,
        TokenMinter minter)
    {
        var known = tenants.OrderBy(tenant => tenant.Id, StringComparer.Ordinal).ToList();
        output.WriteLine($"Levee ({environment.EnvironmentName})");
        output.WriteLine($"  Listening on  {string.Join(", ", addresses)}");
        output.WriteLine($"  Data in       {dataPath}");
        output.WriteLine(known.Count > 0
            ? $"  Tenants       {string.Join(", ", known)}"
            : "  Tenants       none: set LEVEE_TENANT_ID and LEVEE_TENANT_KEY, or nobody can connect");

        if (environment.IsDevelopment() && known.Find(tenant => tenant.Id == SampleTenant) is { } sample)
        {
            var token = minter.FullAccess(sample, SampleDocument, TokenUser.Create("developer", "Developer"));
            output.WriteLine($"  Token for document \"{SampleDocument}\" of {SampleTenant}, good for one hour:");
            output.WriteLine($"    {token}");
        }

        output.WriteLine("  Ctrl-C stops it.");
        output.Flush();
    }
}
