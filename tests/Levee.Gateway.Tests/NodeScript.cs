using System.Diagnostics;

namespace Levee.Gateway.Tests;

/// <summary>
/// Runs a script of <c>tests/js</c> under Node with the real JavaScript clients installed there. Where they are missing the
/// test is skipped, and on a build server (<c>CI=true</c>) it fails.
/// </summary>
public static class NodeScript
{
    private const string HowToInstall = "install Node 20 or newer, and run `npm ci --ignore-scripts` in tests/js";

    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        var folder = FindFolder();
        if (!Directory.Exists(Path.Combine(folder, "node_modules")))
        {
            Missing($"tests/js/node_modules is missing: {HowToInstall}");
        }

        using var process = Start(folder, script, arguments);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.True(process.ExitCode == 0, $"{script} exited with {process.ExitCode}:\n{await output}\n{await errors}");
            return (await output).TrimEnd();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static Process Start(string folder, string script, string[] arguments)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(script);
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

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

    private static void Missing(string what)
    {
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(what);
        }

        Assert.Skip(what);
    }

    private static string FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "js");
            if (File.Exists(Path.Combine(candidate, "package.json")))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/js is not above the test's own folder");
    }
}
