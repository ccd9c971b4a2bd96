using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Levee.Testing;

/// <summary>
/// The built server as a process of its own, to be killed or stopped by a signal, and started again on the same port and data. The data
/// directory is removed at the end.
/// </summary>
public sealed partial class LeveeServerProcess : IAsyncDisposable
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _directory = new();
    private readonly CapturedLog _output = new();
    private readonly string[] _settings;
    private Process? _process;

    private LeveeServerProcess(IReadOnlyDictionary<string, string>? settings) =>
        _settings = [.. (settings ?? new Dictionary<string, string>()).Select(setting => $"--{setting.Key}={setting.Value}")];

    /// <summary>Where it listens; the same after it is started again.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Where it keeps its data.</summary>
    public string DataDirectory => _directory.Path;

    /// <summary>The last lines that it wrote, over all its starts, to show when a test fails.</summary>
    public string Output => _output.Text;

    /// <summary>The process's id.</summary>
    /// <exception cref="InvalidOperationException">It is not running.</exception>
    public int ProcessId => Running.Id;

    private Process Running => _process ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>Starts the server that lies beside this assembly and waits until it listens.</summary>
    /// <param name="settings">Settings by name, as on the command line.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<LeveeServerProcess> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        var server = new LeveeServerProcess(settings);
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again, on the same port and data.</summary>
    /// <exception cref="InvalidOperationException">It is running, or it ended before it listened.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (_process is not null)
        {
            throw new InvalidOperationException("The server is running.");
        }

        var listening = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = new Process { StartInfo = StartInfo(), EnableRaisingEvents = true };
        process.OutputDataReceived += (_, e) => Read(e.Data, listening);
        process.ErrorDataReceived += (_, e) => Read(e.Data, listening);
        process.Exited += (_, _) => listening.TrySetException(
            new InvalidOperationException($"The server ended before it listened.{Environment.NewLine}{Output}"));
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _process = process;
        Url = await listening.Task.WaitAsync(StartTimeout, cancellationToken);
    }

    /// <summary>Ends it at once (<c>SIGKILL</c>): it gets no chance to save anything.</summary>
    public async Task KillAsync(CancellationToken cancellationToken = default)
    {
        var process = Running;
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync(cancellationToken);
        Forget();
    }

    /// <summary>Stops it as <c>Ctrl-C</c> does (<c>SIGINT</c>), or as service managers do (<c>SIGTERM</c>).</summary>
    /// <returns>Its exit code.</returns>
    /// <exception cref="TimeoutException">It did not stop within 30 seconds.</exception>
    public async Task<int> StopAsync(bool terminate = false, CancellationToken cancellationToken = default)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Windows has no signals to stop another process with.");
        }

        var process = Running;
        if (Signal(process.Id, terminate ? Terminate : Interrupt) != 0)
        {
            throw new InvalidOperationException($"The server had ended.{Environment.NewLine}{Output}");
        }

        await process.WaitForExitAsync(cancellationToken).WaitAsync(StopTimeout, cancellationToken);
        var exitCode = process.ExitCode;
        Forget();
        return exitCode;
    }

    /// <summary>Tells it to stop as service managers do (<c>SIGTERM</c>), and kills it if it is still there after a while.</summary>
    /// <param name="patience">How long it may take; it may end by itself in that time.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Its exit code; null when it had to be killed.</returns>
    public async Task<int?> StopOrKillAsync(TimeSpan patience, CancellationToken cancellationToken = default)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Windows has no signals to stop another process with.");
        }

        var process = Running;
        _ = Signal(process.Id, Terminate);
        await Task.WhenAny(process.WaitForExitAsync(cancellationToken), Task.Delay(patience, cancellationToken));
        if (!process.HasExited)
        {
            await KillAsync(cancellationToken);
            return null;
        }

        await process.WaitForExitAsync(cancellationToken);
        var exitCode = process.ExitCode;
        Forget();
        return exitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: false);
            }

            await process.WaitForExitAsync();
            Forget();
        }

        _output.Dispose();
        _directory.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int processId, int signal);

    [GeneratedRegex(@"Listening on\s+(http://127\.0\.0\.1:\d+)")]
    private static partial Regex ListeningOn();

    private ProcessStartInfo StartInfo()
    {
        var info = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = DataDirectory,
        };
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "Levee.Server.dll"),
            "--urls", Url.GetLeftPart(UriPartial.Authority), "--data", DataDirectory, "--environment", "Development", .. _settings,
        ];
        Array.ForEach(arguments, info.ArgumentList.Add);
        return info;
    }

    private void Read(string? line, TaskCompletionSource<Uri> listening)
    {
        if (line is null)
        {
            return;
        }

        _output.Add(line);
        if (ListeningOn().Match(line) is { Success: true } match)
        {
            listening.TrySetResult(new Uri(match.Groups[1].Value));
        }
    }

    private void Forget()
    {
        _process?.Dispose();
        _process = null;
    }
}
