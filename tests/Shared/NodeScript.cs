using System.Diagnostics;

namespace Levee.Tests;

/// <summary>
/// Runs scripts under Node in <c>tests/js</c>, with the real JavaScript clients installed there. Where they are missing the
/// test is skipped, and on a build server (<c>CI=true</c>) it fails.
/// </summary>
public static class NodeScript
{
    private const string HowToInstall = "install Node 20 or newer, and run `npm ci --ignore-scripts` in tests/js";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Skips the test, or fails it on a build server, where Node or the clients are missing: before it starts anything that would wait for them.</summary>
    public static void Require() => InstalledFolder();

    /// <summary>Runs a script of the folder to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var lines = new List<string>();
        await RunAsync([script, .. arguments], line =>
        {
            lines.Add(line);
            return false;
        });
        return string.Join('\n', lines);
    }

    /// <summary>Runs source text that does not end by itself until it prints a line that <paramref name="isLast"/> takes.</summary>
    /// <returns>The lines that it printed.</returns>
    public static async Task<IReadOnlyList<string>> RunSourceUntilAsync(string source, Func<string, bool> isLast)
    {
        var lines = new List<string>();
        await RunAsync(["--input-type=module", "--eval", source], line =>
        {
            lines.Add(line);
            return isLast(line);
        });
        return lines;
    }

    private static async Task RunAsync(string[] arguments, Func<string, bool> isEnough)
    {
        using var process = Start(InstalledFolder(), arguments);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var printed = new List<string>();
        try
        {
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                printed.Add(line);
                if (isEnough(line))
                {
                    return;
                }
            }

            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{arguments[0]} exited with {process.ExitCode}:\n{Shown(printed)}\n{await errors}");
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{arguments[0]} did not come to its end; the last it printed:\n{Shown(printed)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static string Shown(List<string> lines) => string.Join('\n', lines.TakeLast(20));

    private static Process Start(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Array.ForEach(arguments, start.ArgumentList.Add);
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Missing($"node is missing: {HowToInstall}");
            throw;
        }
    }

    private static string InstalledFolder()
    {
        var folder = Path.Combine(RepositoryFolder.Path, "tests", "js");
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Missing($"tests/js/node_modules is missing: {HowToInstall}");
        }

        return folder;
    }

    private static void Missing(string what)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(what);
        }

        Assert.Skip(what);
    }
}
