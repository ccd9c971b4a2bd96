using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Fluid;

/// <summary>Runs the scenarios of <c>tests/fluid</c> with unmodified clients of Microsoft's against a server.</summary>
internal static class FluidScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The tenant of AzureClient's local mode, that takes tokens of any key.</summary>
    public static TestTenant Local { get; } = new("local", "a key that the server does not know");

    /// <summary>Runs one to its end, which must be a good one.</summary>
    /// <param name="server">The server; its log is shown when the scenario fails.</param>
    /// <param name="generation">The clients, such as <c>v2</c>.</param>
    /// <param name="scenario">File and name, such as <c>documents/create</c>.</param>
    /// <param name="tenant">The tenant; that of the generation when absent.</param>
    /// <param name="url">Where the clients find the server, if it is elsewhere.</param>
    public static async Task RunAsync(
        LeveeTestServer server, string generation, string scenario, TestTenant? tenant = null, Uri? url = null)
    {
        try
        {
            await using var run = Start(generation, scenario, url ?? server.Url, tenant);
            await run.ReadToEndAsync();
        }
        catch (Xunit.Sdk.FailException e)
        {
            Assert.Fail($"{e.Message}\n--- the server's log ---\n{server.Log}");
        }
    }

    /// <summary>Starts one, to talk to it.</summary>
    public static NodeRun Start(string generation, string scenario, Uri server, TestTenant? tenant = null, params string[] arguments)
    {
        var of = tenant ?? (generation == "v2" ? Local : TestTenants.Default);
        return NodeRun.Start(
            NodeFolder.Fluid(generation),
            ["run.mjs", generation, scenario, server.GetLeftPart(UriPartial.Authority), of.Id, of.Secret, .. arguments],
            Patience);
    }
}
