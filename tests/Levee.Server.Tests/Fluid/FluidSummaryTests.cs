using Levee.Server.Tests.Documents;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients summarize, and load from summaries.</summary>
public sealed class FluidSummaryTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, FluidGenerations]
    public Task A_fresh_client_loads_from_an_accepted_summary_and_reads_no_op_below_it(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/accepted");

    [Theory, FluidGenerations]
    public Task Another_client_summarizes_when_the_elected_one_leaves(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/handOver");

    [Theory, FluidGenerations]
    public Task Attachment_blobs_are_read_by_others_before_and_after_a_summary(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/blobs");

    [Theory, FluidGenerations]
    public Task Values_of_megabytes_travel_compressed_and_in_pieces(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/payloads");

    [Theory, FluidGenerations]
    public Task Every_accepted_summary_is_a_version_to_look_at(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/versions");

    [Theory]
    [InlineData("v3")]
    [InlineData("v2-internal")]
    public Task A_client_that_begins_at_an_older_version_gets_every_op_since(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "summaries/fromOlder");
}
