using Levee.Server.Tests.Documents;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients beside others that have no runtime: what those send ends no container.</summary>
public sealed class FluidStrangerTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory]
    [InlineData("strangers/namelessToAzure")]
    [InlineData("strangers/namelessToTinylicious")]
    public Task Users_without_a_proper_name_join_by_both_protocols_and_end_no_container(string scenario) =>
        FluidScenario.RunAsync(fixture.Server, "v2", scenario);

    [Theory]
    [InlineData("strangers/signalsToAzure")]
    [InlineData("strangers/signalsToTinylicious")]
    public Task Signals_that_no_stock_runtime_sends_end_no_container_and_the_next_good_one_arrives(string scenario) =>
        FluidScenario.RunAsync(fixture.Server, "v2", scenario);
}
