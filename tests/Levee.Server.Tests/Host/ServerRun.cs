using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Levee.Server.Tests.Host;

/// <summary>The built server run with any arguments and environment, as an operator would, to see what it prints and how it ends.</summary>
internal sealed partial class ServerRun : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly string[] Inherited = ["PORT", "ASPNETCORE_", "DOTNET_ENVIRONMENT", "LEVEE_", "Levee__"];

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _reported = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerRun(Process process) => _process = process;

    public int ProcessId => _process.Id;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    public string All => $"{Output}{Environment.NewLine}{Errors}";

    /// <summary>Starts the server with these arguments and nothing else that was set by who runs the tests.</summary>
    public static ServerRun Start(string workingDirectory, string[] arguments, params (string Name, string Value)[] environment) =>
        StartUnder([], workingDirectory, arguments, environment);

    /// <summary>As <see cref="Start(string, string[], ValueTuple{string, string}[])"/>, by a command that ends in executing the one that follows it.</summary>
    public static ServerRun StartUnder(
        string[] wrapper, string workingDirectory, string[] arguments, params (string Name, string Value)[] environment)
    {
        string[] command = [.. wrapper, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"];
        var info = new ProcessStartInfo(command[0])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        foreach (var name in info.Environment.Keys.Where(name => Inherited.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal))).ToList())
        {
            info.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            info.Environment[name] = value;
        }

        Array.ForEach(command[1..], info.ArgumentList.Add);
        info.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "Levee.Server.dll"));
        Array.ForEach(arguments, info.ArgumentList.Add);
        var run = new ServerRun(new Process { StartInfo = info, EnableRaisingEvents = true });
        run.Start();
        return run;
    }

    /// <summary>Waits until the server has said all that it says at start.</summary>
    /// <returns>Where it listens.</returns>
    public async Task<Uri> ListeningAsync(CancellationToken cancellationToken)
    {
        var url = await _listening.Task.WaitAsync(Patience, cancellationToken);
        await _reported.Task.WaitAsync(Patience, cancellationToken);
        return url;
    }

    /// <summary>Waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> ExitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken).WaitAsync(Patience, cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: false);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"Listening on\s+(http://\S+?:\d+)")]
    private static partial Regex ListeningOn();

    private static string Text(StringBuilder lines)
    {
        lock (lines)
        {
            return lines.ToString();
        }
    }

    private void Start()
    {
        _process.OutputDataReceived += (_, e) => Read(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Read(_errors, e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException($"The server ended:{Environment.NewLine}{All}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Read(StringBuilder lines, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (lines)
        {
            lines.AppendLine(line);
        }

        if (ListeningOn().Match(line) is { Success: true } match)
        {
            _listening.TrySetResult(new Uri(match.Groups[1].Value.Replace("[::]", "127.0.0.1", StringComparison.Ordinal)));
        }

        if (line.Contains("Ctrl-C", StringComparison.Ordinal))
        {
            _reported.TrySetResult();
        }
    }
}
