using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.Fluid;

/// <summary>Unmodified Fluid clients with tokens that end, have ended, or are not right.</summary>
public sealed class FluidTokenTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, FluidGenerations]
    public Task A_connection_ends_with_its_token_and_goes_on_with_another(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "tokens/expiring", TestTenants.Default);

    [Theory, FluidGenerations]
    public Task An_expired_token_is_refused_and_asked_for_again(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "tokens/expired", TestTenants.Default);

    [Theory, FluidGenerations]
    public Task A_wrong_token_opens_nothing(string generation) =>
        FluidScenario.RunAsync(fixture.Server, generation, "tokens/wrong", TestTenants.Default);
}
