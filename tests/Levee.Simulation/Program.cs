using System.Diagnostics;
using System.Globalization;
using Levee.Simulation;

// The test platform has a --seed of its own.
return !TestEntryPoint.IsTestRun(args) && (args.Contains("--seed") || args.Contains("--steps") || args.Contains("--runs"))
    ? Command.Run(args)
    : await TestEntryPoint.RunAsync(args);

/// <summary>What xunit would generate, if this were no command as well.</summary>
internal static class TestEntryPoint
{
    public static bool IsTestRun(string[] args) => args.Contains("--server") || args.Contains("--internal-msbuild-node");

    public static Task<int> RunAsync(string[] args) => IsTestRun(args)
        ? Xunit.MicrosoftTestingPlatform.TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions)
        : Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
}

/// <summary><c>--seed N [--steps M] [--runs K] [--run-steps S] [--defect D]</c>: runs seeds from N on, each for S steps, until M steps or K runs are done.</summary>
internal static class Command
{
    public static int Run(string[] args)
    {
        var seed = (ulong)Number(args, "--seed", Environment.TickCount64);
        var runs = Number(args, "--runs", long.MaxValue);
        var steps = Number(args, "--steps", runs == long.MaxValue ? 100_000 : long.MaxValue);
        var each = Math.Min(Number(args, "--run-steps", 50_000), steps);
        var at = Array.IndexOf(args, "--defect");
        var defect = at < 0 ? Defect.None : Enum.Parse<Defect>(args[at + 1], ignoreCase: true);
        Console.WriteLine($"seed {seed}");

        var (clock, told) = (Stopwatch.StartNew(), TimeSpan.Zero);
        var statistics = new Statistics();
        long done = 0;
        for (var run = 0L; run < runs && done < steps; run++)
        {
            var result = Levee.Simulation.Simulation.Run(seed + (ulong)run, each, defect);
            done += result.Steps;
            statistics.Add(result.Statistics);
            if (result.Violation is { } violation)
            {
                Fail(result, violation, each);
                return 1;
            }

            if (clock.Elapsed - told > TimeSpan.FromSeconds(10) || run + 1 == runs || done >= steps)
            {
                told = clock.Elapsed;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{run + 1} runs, {done} steps, {done / clock.Elapsed.TotalSeconds:F0} steps/s, last seed {result.Seed}, hash {result.Hash:x16}"));
            }
        }

        Console.WriteLine(statistics);
        return 0;
    }

    private static void Fail(Result result, string violation, long steps)
    {
        foreach (var line in result.LastEvents)
        {
            Console.WriteLine(line);
        }

        Console.WriteLine($"seed {result.Seed}, step {result.Steps}: {violation}");
        Console.WriteLine($"again: --seed {result.Seed} --runs 1 --run-steps {steps}");
    }

    private static long Number(string[] args, string name, long otherwise)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 ? otherwise : long.Parse(args[at + 1], CultureInfo.InvariantCulture);
    }
}
