using System.Diagnostics;

namespace Levee.Tests;

/// <summary>
/// A script that runs under Node: its lines are read, lines are written to it, and it must come to a good end in time. It is killed when it
/// is disposed before.
/// </summary>
public sealed class NodeRun : IAsyncDisposable
{
    private const int LinesToShow = 30;
    private readonly string _what;
    private readonly Process _process;
    private readonly TimeSpan _patience;
    private readonly CancellationTokenSource _end;
    private readonly Task<string> _errors;
    private readonly List<string> _printed = [];

    private NodeRun(string what, Process process, TimeSpan patience)
    {
        _what = what;
        _process = process;
        _patience = patience;
        _end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        _end.CancelAfter(patience);
        _errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Every line that it printed until now.</summary>
    public IReadOnlyList<string> Printed => _printed;

    /// <summary>Starts a script.</summary>
    /// <param name="folder">Where it is; the test is skipped, or fails on a build server, where Node or packages are missing.</param>
    /// <param name="arguments">The script and its arguments, or options of Node.</param>
    /// <param name="patience">How long it may run.</param>
    public static NodeRun Start(NodeFolder folder, IReadOnlyList<string> arguments, TimeSpan patience)
    {
        var start = new ProcessStartInfo("node")
        {
            WorkingDirectory = folder.Require(),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return new NodeRun(string.Join(' ', arguments.Take(3)), Process.Start(start)!, patience);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            folder.Missing("node is missing");
            throw;
        }
    }

    /// <summary>Reads lines up to one that is wanted; the test fails when the script ends before, or is too slow.</summary>
    /// <returns>The wanted line.</returns>
    public async Task<string> ReadUntilAsync(Func<string, bool> isWanted)
    {
        while (await ReadLineAsync() is { } line)
        {
            if (isWanted(line))
            {
                return line;
            }
        }

        Assert.Fail($"{_what} ended too early:\n{await ShownAsync()}");
        throw new UnreachableException();
    }

    /// <summary>Reads to the end, which must be a good one.</summary>
    public async Task ReadToEndAsync()
    {
        while (await ReadLineAsync() is not null)
        {
        }

        await InTimeAsync(_process.WaitForExitAsync(_end.Token));
        if (_process.ExitCode != 0)
        {
            Assert.Fail($"{_what} exited with {_process.ExitCode}:\n{await ShownAsync()}");
        }
    }

    /// <summary>Writes a line that the script reads.</summary>
    public Task WriteLineAsync(string line) => _process.StandardInput.WriteLineAsync(line.AsMemory(), _end.Token);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        await _errors;
        _process.Dispose();
        _end.Dispose();
    }

    private async Task<string?> ReadLineAsync()
    {
        var reading = _process.StandardOutput.ReadLineAsync(_end.Token).AsTask();
        await InTimeAsync(reading);
        var line = await reading;
        if (line is not null)
        {
            _printed.Add(line);
        }

        return line;
    }

    private async Task InTimeAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            Kill();
            Assert.Fail($"{_what} did not come to its end within {_patience.TotalSeconds} s:\n{await ShownAsync()}");
        }
    }

    private void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    private async Task<string> ShownAsync() => $"{string.Join('\n', _printed.TakeLast(LinesToShow))}\n{await _errors}";
}
