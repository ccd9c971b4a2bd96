using System.Diagnostics;
using System.Globalization;

namespace Levee.Load;

/// <summary>A Levee server in a process of its own, on a fresh data directory.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    private const string Listening = "Listening on";

    private readonly Process _process;
    private readonly DirectoryInfo _data;

    private MeasuredServer(Process process, DirectoryInfo data, Uri url)
    {
        _process = process;
        _data = data;
        Url = url;
    }

    public Uri Url { get; }

    /// <summary>The CPU time that the server has used so far.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>The server's resident memory in bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public static async Task<MeasuredServer> StartAsync()
    {
        var data = Directory.CreateTempSubdirectory("levee-load-");
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Levee.Server.dll"),
                "--urls", "http://127.0.0.1:0",
                "--data", data.FullName,
                "--environment", "Development",
                "--Logging:LogLevel:Default=Warning",
            },
            RedirectStandardOutput = true,
        };
        var process = Process.Start(start) ?? throw new InvalidOperationException("The server did not start.");
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(Listening, StringComparison.Ordinal))
            {
                // Nobody reads on: what little it prints fits into the pipe.
                return new MeasuredServer(process, data, new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].Trim()));
            }
        }

        throw new InvalidOperationException("The server ended before it listened.");
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    public static string Megabytes(long bytes) => (bytes / 1048576.0).ToString("F1", CultureInfo.InvariantCulture) + " MB";
}
