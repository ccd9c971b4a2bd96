using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.Fluid;

/// <summary>What apps use: AzureClient against a service far away, and TinyliciousClient.</summary>
public sealed class FluidAppTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Fact]
    public Task TinyliciousClient_works_on_a_port_alone() =>
        FluidScenario.RunAsync(fixture.Server, "v2", "apps/tinylicious");

    [Fact]
    public Task AzureClient_in_remote_mode_finds_the_document_summarizes_whole_and_reads_versions() =>
        FluidScenario.RunAsync(fixture.Server, "v2", "apps/remote", TestTenants.Default);

    [Fact]
    public Task A_document_summarized_whole_is_read_in_parts_as_well() =>
        FluidScenario.RunAsync(fixture.Server, "v2", "apps/remote", FluidScenario.Local);
}
