using Levee.Testing;

namespace Levee.Server.Tests.Fluid;

/// <summary>The server ends under unmodified Fluid clients that write, and starts again on its port.</summary>
public sealed class FluidRestartTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, FluidGenerations]
    public Task Clients_resubmit_and_converge_when_the_server_was_killed(string generation) =>
        RunAsync(generation, server => server.KillAsync(Ct));

    [Theory, FluidGenerations]
    public Task Clients_resubmit_and_converge_when_the_server_was_stopped_as_service_managers_do(string generation)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no signals to stop another process with");
        return RunAsync(generation, async server => Assert.Equal(0, await server.StopAsync(terminate: true, Ct)));
    }

    private static async Task RunAsync(string generation, Func<LeveeServerProcess, Task> end)
    {
        await using var server = await LeveeServerProcess.StartAsync(cancellationToken: Ct);
        await using var run = FluidScenario.Start(generation, "connections/restart", server.Url);
        try
        {
            await run.ReadUntilAsync(IsStep("READY_FOR_RESTART"));
            await end(server);
            await run.WriteLineAsync("stopped");
            await run.ReadUntilAsync(IsStep("READY_FOR_START"));
            await server.StartAgainAsync(Ct);
            await run.WriteLineAsync("started");
            await run.ReadToEndAsync();
        }
        catch (Xunit.Sdk.FailException e)
        {
            Assert.Fail($"{e.Message}\n--- the server's output ---\n{server.Output}");
        }
    }

    private static Func<string, bool> IsStep(string step) => line => line.Contains($"\"step\":\"{step}\"", StringComparison.Ordinal);
}
