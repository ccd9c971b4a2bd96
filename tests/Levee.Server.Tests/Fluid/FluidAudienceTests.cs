using Levee.Server.Tests.Documents;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients see each other and signal each other.</summary>
public sealed class FluidAudienceTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, FluidGenerations]
    public Task Members_come_and_go_in_everybodys_audience(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "audience/members");

    [Theory, FluidGenerations]
    public Task Signals_reach_everybody_and_a_targeted_one_only_its_target(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "audience/signals");

    [Theory, FluidGenerations]
    public Task A_client_that_may_only_read_gets_all_ops_and_writes_none(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "audience/readers");

    [Fact]
    public Task Presence_of_three_clients_is_seen_by_all() =>
        FluidScenario.RunAsync(fixture.Server, "v2", "audience/presence");

    [Fact]
    public Task The_audience_service_knows_people_and_their_connections() =>
        FluidScenario.RunAsync(fixture.Server, "v2", "apps/audience");
}
