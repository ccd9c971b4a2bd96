using System.Diagnostics;

namespace Levee.Simulation;

/// <summary>
/// Runs of many seeds, each with its own mixture of faults; more by <c>dotnet run --project tests/Levee.Simulation -- --seed N --steps M</c>.
/// What a run prints when it fails is enough to run it again.
/// </summary>
public sealed class SimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(101)]
    [InlineData(201)]
    [InlineData(301)]
    public void No_rule_is_broken_whatever_fails(int firstSeed)
    {
        for (var seed = firstSeed; seed < firstSeed + 8; seed++)
        {
            var result = Simulation.Run((ulong)seed, steps: 10_000);
            Assert.True(result.Violation is null, Describe(result));
        }
    }

    [Fact]
    public void The_same_seed_runs_the_same_way_and_another_one_does_not()
    {
        var hashes = new HashSet<ulong>();
        for (var seed = 1UL; seed <= 8; seed++)
        {
            var (first, second) = (Simulation.Run(seed, 3_000), Simulation.Run(seed, 3_000));
            Assert.Equal((first.Hash, first.Steps, first.VirtualTime), (second.Hash, second.Steps, second.VirtualTime));
            Assert.True(hashes.Add(first.Hash));
        }
    }

    [Fact]
    public async Task The_same_seed_runs_the_same_way_in_another_process()
    {
        // Hash codes of strings differ from process to process: nothing may depend on them.
        var here = Enumerable.Range(1, 5).Select(seed => Simulation.Run((ulong)seed, 3_000)).ToList();
        Assert.All(here, result => Assert.True(result.Violation is null, Describe(result)));
        string[] command = [.. Command(), "--seed", "1", "--runs", "5", "--run-steps", "3000"];
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, command) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"{here.Sum(result => result.Steps)} steps", output, StringComparison.Ordinal);
        Assert.Contains($"hash {here[^1].Hash:x16}", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Work_that_comes_from_another_thread_is_noticed_and_not_run()
    {
        var trace = new Trace();
        var scheduler = new Scheduler(new SeededRandom(1), trace);
        var ran = new List<string>();
        scheduler.Post(null, () => ran.Add("own"));
        Assert.Null(scheduler.Stray);
        var stranger = new Thread(() => scheduler.Post(null, () => ran.Add("stray")));
        stranger.Start();
        stranger.Join();
        Assert.NotNull(scheduler.Stray);
        Assert.True(scheduler.Step());
        Assert.False(scheduler.Step());
        Assert.Equal(["own"], ran);
    }

    [Theory]
    [InlineData(nameof(Defect.AcknowledgesBeforeSync))]
    [InlineData(nameof(Defect.HasNoFence))]
    [InlineData(nameof(Defect.TearsTransactions))]
    [InlineData(nameof(Defect.MovesHeadAlone))]
    [InlineData(nameof(Defect.LosesDurableWrites))]
    [InlineData(nameof(Defect.DropsDelivery))]
    [InlineData(nameof(Defect.RepeatsDelivery))]
    [InlineData(nameof(Defect.ChangesDelivery))]
    public void A_deliberate_defect_is_found(string defect)
    {
        var violation = Enumerable.Range(1, 30)
            .Select(seed => Simulation.Run((ulong)seed, 10_000, Enum.Parse<Defect>(defect)).Violation)
            .FirstOrDefault(found => found is not null);
        Assert.True(violation is not null, $"30 seeds did not show it: {defect}");
    }

    [Fact]
    public void The_runs_meet_every_kind_of_trouble()
    {
        var seen = new Statistics();
        for (var seed = 1UL; seed <= 25; seed++)
        {
            seen.Add(Simulation.Run(seed, 4_000).Statistics);
        }

        Assert.All(
            [
                "kills", "machine crashes", "stops", "clean stops", "second processes", "clock jumps", "drops", "freezes", "slow readers cut",
                "failed writes", "ambiguous writes", "stalled syncs", "failed reads", "slow reads", "fenced appends", "duplicate submissions",
                "hostile acts", "nacks", "sessions StorageUnavailable", "sessions Fenced", "sessions Stopped", "summaries acknowledged", "summaries refused",
                "service summaries",
            ],
            kind => Assert.True(seen[kind] > 0, $"No {kind} in: {seen}"));
    }

    /// <summary>How this program is started: by itself, or by <c>dotnet</c>.</summary>
    private static IEnumerable<string> Command() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(SimulationTests).Assembly.Location] : [];

    private static string Describe(Result result) =>
        $"seed {result.Seed}, step {result.Steps}: {result.Violation}\n{string.Join('\n', result.LastEvents.TakeLast(60))}";
}
