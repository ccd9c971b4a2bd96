using Levee.Server.Tests.Documents;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients lose connections and come back.</summary>
public sealed class FluidConnectionTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, FluidGenerations]
    public Task Offline_edits_are_there_for_all_after_reconnecting(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "connections/offline");

    [Theory, FluidGenerations]
    public Task Ops_on_a_connection_that_is_cut_are_neither_lost_nor_doubled(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "connections/cut");

    [Theory, FluidGenerations]
    public Task A_client_behind_a_proxy_that_refuses_WebSockets_works_by_polling(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "connections/polling");

    [Theory, FluidGenerations]
    public Task Clients_are_granted_the_modes_that_their_generation_asks_for(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "connections/modes");
}
