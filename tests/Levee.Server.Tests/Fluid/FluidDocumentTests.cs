using Levee.Server.Tests.Documents;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients create, load and edit documents.</summary>
public sealed class FluidDocumentTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, FluidGenerations]
    public Task A_document_is_created_attached_and_loaded_by_a_second_client(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "documents/create");

    [Theory, FluidGenerations]
    public Task Concurrent_edits_of_three_clients_converge(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "documents/converge");

    [Theory, FluidGenerations]
    public Task A_client_that_comes_after_five_thousand_ops_sees_them_all(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "documents/late");
}
