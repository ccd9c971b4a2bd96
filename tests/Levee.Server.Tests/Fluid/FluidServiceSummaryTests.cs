using Levee.Testing;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients load what a server wrote that summarizes by itself.</summary>
public sealed class FluidServiceSummaryTests
{
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Levee:Sessions:ServiceSummary"] = "true",
        ["Levee:Sessions:ServiceSummaryDelay"] = "00:00:00.050",
    };

    [Theory, FluidGenerations]
    public async Task No_op_is_missed_or_applied_twice_between_summaries_of_the_service_and_of_clients(string generation)
    {
        await using var server = await LeveeTestServer.StartAsync(Settings, TestContext.Current.CancellationToken);
        await FluidScenario.RunAsync(server, generation, "service-summaries/loaded");
    }
}
