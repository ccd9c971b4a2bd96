using System.Diagnostics;

namespace Levee.Cli.Tests;

/// <summary>The built command run as an operator would, its streams read as a script would.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Errors)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static async Task<CliRun> RunAsync(params string[] arguments)
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "levee.dll"));
        Array.ForEach(arguments, info.ArgumentList.Add);
        using var process = Process.Start(info)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Patience);
        return new CliRun(process.ExitCode, await output, await errors);
    }

    /// <summary>Requires that it was done.</summary>
    public CliRun Done()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}{Environment.NewLine}{Output}{Environment.NewLine}{Errors}");
        return this;
    }

    /// <summary>Requires that it ended so, with these words for the operator and no stack trace.</summary>
    public void Fails(int exitCode, params string[] words)
    {
        Assert.Equal(exitCode, ExitCode);
        Assert.All(words, word => Assert.Contains(word, Output + Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
    }
}
