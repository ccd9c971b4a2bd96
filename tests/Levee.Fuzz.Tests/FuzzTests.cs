using System.Globalization;

namespace Levee.Fuzz.Tests;

/// <summary>The short form of the long run: some ten thousand inputs of each run's own seed, in all dialects side by side.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Inputs = 12_000;

    [Fact]
    public async Task Nothing_that_clients_send_gets_an_answer_without_a_name_or_leaves_anything_behind()
    {
        var options = new FuzzOptions { Inputs = Inputs };
        if (int.TryParse(Environment.GetEnvironmentVariable("LEVEE_TEST_SEED"), CultureInfo.InvariantCulture, out var seed))
        {
            options = options with { Seed = seed };
        }

        output.WriteLine($"LEVEE_TEST_SEED={options.Seed}");
        await using var run = await FuzzRun.StartAsync(options);
        var report = await run.RunAsync();
        output.WriteLine(report.ToString());
        Assert.True(report.Findings.All.Count == 0, $"LEVEE_TEST_SEED={options.Seed}\n{report.Findings.Describe(options.Seed)}");
        Assert.All(FuzzOptions.AllDialects, dialect => Assert.InRange(report.Inputs[dialect], Inputs / 3 * 9 / 10, int.MaxValue));
    }
}
