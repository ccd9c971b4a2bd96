using System.Diagnostics;
using Levee.Faults.Clients;
using Levee.Faults.Record;
using Levee.Testing;

namespace Levee.Faults;

/// <summary>
/// A real server process on a data directory of its own, several documents with clients of both kinds, kills at random moments, and after each
/// one the question whether all that the server ever said is still true.
/// </summary>
internal sealed partial class FaultRun
{
    private const int KillsBetweenWholeChecks = 12;
    private const int KillsBetweenReports = 5;
    private const int LinesShown = 60;

    // So many checkpoints that kills fall before, between and after them.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Levee:Sessions:CheckpointInterval"] = "40",
        ["Logging:LogLevel:Default"] = "Warning",
    };

    private readonly FaultOptions _options;
    private readonly FaultReport _report;
    private readonly Random _random;
    private readonly LeveeServerProcess _server;
    private readonly RunState _run;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<DocumentCheck> _documents = [];
    private readonly List<IFaultClient> _clients = [];
    private readonly DocumentMaker _maker;
    private TimeSpan _startUp;

    private FaultRun(FaultOptions options, LeveeServerProcess server)
    {
        (_options, _server, _startUp) = (options, server, TimeSpan.FromSeconds(1));
        _report = new FaultReport { Seed = options.Seed };
        _random = new Random(options.Seed);
        _run = new RunState(() => server.Url);
        _maker = new DocumentMaker(_run);
    }

    private bool IsOver => _report.Kills >= _options.Kills || _watch.Elapsed >= _options.Duration;

    /// <summary>Runs to the end, or to the first violation. The server's process is gone when this returns, however it does.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends the run without a report.</param>
    public static async Task<FaultReport> RunAsync(FaultOptions options, CancellationToken cancellationToken)
    {
        options.Write($"seed {options.Seed}");
        await using var server = await LeveeServerProcess.StartAsync(Settings, cancellationToken);
        var run = new FaultRun(options, server);
        using (run._run)
        {
            return await run.RunAsync(cancellationToken);
        }
    }

    private async Task<FaultReport> RunAsync(CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _run.Violations.Found);
        var running = Task.CompletedTask;
        try
        {
            await CreateDocumentsAsync(over.Token);
            running = Task.WhenAll(_clients.Select(client => Task.Run(client.RunAsync, CancellationToken.None)).Append(_maker.RunAsync(over.Token)));
            while (!IsOver)
            {
                await KillOnceAsync(over.Token);
            }

            await EndAsync(over.Token);
        }
        catch (OperationCanceledException) when (_run.Violations.Found.IsCancellationRequested)
        {
            // What was found is in the report.
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // The run's one catch-all: a rule that is broken, or a server that does not answer though it was not killed.
            _run.Violations.Report(e is ViolationException ? e.Message : e.ToString());
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(_clients.Select(client => client.LeaveAsync(politely: false)));
            await running;
        }

        return Finish();
    }

    private FaultReport Finish()
    {
        Count();
        _report.Violations = _run.Violations.All;
        _options.Write(_report.Table);
        foreach (var violation in _report.Violations)
        {
            _options.Write($"VIOLATION {violation}");
        }

        if (_report.Violations.Count > 0)
        {
            _options.Write($"The end of the server's output:{Environment.NewLine}{EndOfOutput()}");
        }

        return _report;
    }

    /// <summary>Without the token that a server in Development prints when it starts.</summary>
    private string EndOfOutput() => string.Join(Environment.NewLine, _server.Output.Split(Environment.NewLine)
        .Where(line => !line.StartsWith("    eyJ", StringComparison.Ordinal)).TakeLast(LinesShown));

    private void Count()
    {
        _report.Elapsed = _watch.Elapsed;
        _report.Messages = _documents.Sum(document => document.Log.Through);
        _report.Ops = _documents.Sum(document => document.Log.Ops);
        _report.Summaries = _documents.Sum(document => document.Log.Summaries.Count);
        _report.Created = _maker.Created;
        _report.Reconnects = _clients.Sum(client => client.Reconnects);
        _report.Signals = _clients.OfType<FaultClient>().Sum(client => client.Signals);
    }
}
