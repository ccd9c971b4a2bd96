using System.Diagnostics;

namespace Levee.Faults;

/// <content>Kills and starts.</content>
internal sealed partial class FaultRun
{
    private const int MostStarts = 5;

    // The longest waits before a kill, in milliseconds.
    private const int LongestStream = 900;
    private const int LongestReturn = 500;
    private const int LongestSummary = 12;
    private const int LongestStop = 250;

    /// <summary>Kills the server once while everybody is there, perhaps a few times more before it has come back, and looks what is left.</summary>
    private async Task KillOnceAsync(CancellationToken cancellationToken)
    {
        await EverybodyIsThereAsync(cancellationToken);
        switch (_random.Next(20))
        {
            case < 8:
                await KillAsync(KillMoment.Load, LongestStream, cancellationToken);
                break;
            case < 14:
                await KillInSummaryAsync(cancellationToken);
                break;
            default:
                await StopAndKillAsync(cancellationToken);
                break;
        }

        for (var again = _random.Next(12); again < 5; again = _random.Next(12))
        {
            if (again < 2)
            {
                await KillDuringStartAsync(cancellationToken);
            }
            else
            {
                await StartAsync(cancellationToken);
                await KillAsync(KillMoment.Connecting, LongestReturn, cancellationToken);
            }
        }

        await StartAsync(cancellationToken);
        await VerifyAsync(cancellationToken);
    }

    private async Task KillAsync(KillMoment moment, int longest, CancellationToken cancellationToken)
    {
        // The moment of the kill is what the run is about.
        await Task.Delay(_random.Next(longest), cancellationToken);
        await _server.KillAsync(cancellationToken);
        Died(moment);
    }

    private async Task StopAndKillAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_random.Next(LongestReturn), cancellationToken);
        var patience = _random.Next(2) == 0 ? Patience : TimeSpan.FromMilliseconds(_random.Next(LongestStop));
        var exitCode = await _server.StopOrKillAsync(patience, cancellationToken);
        _report.CleanStops += exitCode is null ? 0 : 1;
        Died(exitCode is null ? KillMoment.Shutdown : null);
        if (exitCode is not null and not 0)
        {
            throw new ViolationException($"the server stopped with {exitCode}");
        }
    }

    private async Task KillInSummaryAsync(CancellationToken cancellationToken)
    {
        var phase = _random.Next(2) == 0 ? SummaryPhase.Uploading : SummaryPhase.Proposed;
        try
        {
            await _run.Summaries.WaitAsync(phase).WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new ViolationException($"no summary was {phase} within {Patience}.{Environment.NewLine}{DescribePending()}");
        }

        await KillAsync(KillMoment.Summary, LongestSummary, cancellationToken);
    }

    private async Task KillDuringStartAsync(CancellationToken cancellationToken)
    {
        var starting = _server.StartAgainAsync(cancellationToken);
        await Task.Delay(_startUp * _random.NextDouble(), cancellationToken);
        var moment = starting.IsCompletedSuccessfully ? KillMoment.Connecting : KillMoment.StartUp;
        await _server.KillAsync(cancellationToken);
        Died(moment);
        // It listened already, or it never did; either is as it should be.
        await Task.WhenAny(starting);
    }

    /// <summary>The process is gone. Counts what it was in the middle of, as far as clients can tell.</summary>
    private void Died(KillMoment? moment)
    {
        _run.Generation++;
        if (moment is { } killed)
        {
            _report.KillsAt[killed]++;
            _report.KillsWithOpsInFlight += _clients.Any(client => client.HasPending && client.Phase == SummaryPhase.None) ? 1 : 0;
            _report.KillsWithSummaryInFlight += _clients.Any(client => client.Phase != SummaryPhase.None) ? 1 : 0;
        }

        _options.WhileDead(_server.DataDirectory);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        for (var starts = 1; ; starts++)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                await _server.StartAgainAsync(cancellationToken);
                _startUp = watch.Elapsed;
                return;
            }
            catch (InvalidOperationException e) when (starts < MostStarts && e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Somebody else's connection goes out from our port just now.
                await _server.KillAsync(cancellationToken);
                await Task.Delay(_startUp, cancellationToken);
            }
            catch (InvalidOperationException e)
            {
                throw new ViolationException($"the server does not start again after kill {_report.Kills}: {e.Message}");
            }
        }
    }
}
