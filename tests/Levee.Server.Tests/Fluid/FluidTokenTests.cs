using Levee.Server.Tests.Documents;
using Levee.Server.Tests.Tokens;
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

    [Theory, FluidGenerations]
    public async Task A_revoked_user_comes_back_with_a_fresh_token_and_is_told_why_it_can_not_with_an_old_one(string generation)
    {
        await using var server = await Operator.StartServerAsync();
        await using var run = FluidScenario.Start(generation, "tokens/revoked", server.Url, TestTenants.Default, Operator.Key);
        await run.ReadToEndAsync();
    }
}
