using System.Diagnostics;

namespace Levee.Faults;

/// <content>Kills and starts.</content>
internal sealed partial class FaultRun
{
    private const int MostStarts = 5;

    private async Task KillOnceAsync(CancellationToken cancellationToken)
    {
        var moment = DrawMoment();
        if (moment != KillMoment.Connecting)
        {
            await EverybodyIsThereAsync(cancellationToken);
        }

        switch (moment)
        {
            case KillMoment.Shutdown:
                await StopAndKillAsync(cancellationToken);
                break;
            case KillMoment.Summary:
                await _run.Summaries.WaitAsync(_random.Next(2) == 0 ? SummaryPhase.Uploading : SummaryPhase.Proposed).WaitAsync(Patience, cancellationToken);
                await KillAsync(moment, _random.Next(12), cancellationToken);
                break;
            default:
                await KillAsync(moment, _random.Next(moment == KillMoment.Connecting ? 400 : 900), cancellationToken);
                break;
        }

        while (_random.Next(7) == 0)
        {
            await KillDuringStartAsync(cancellationToken);
        }

        await StartAsync(cancellationToken);
        await VerifyAsync(cancellationToken);
    }

    private KillMoment DrawMoment() => _random.Next(20) switch
    {
        < 8 => KillMoment.Load,
        < 11 => KillMoment.Connecting,
        < 17 => KillMoment.Summary,
        _ => KillMoment.Shutdown,
    };

    private async Task KillAsync(KillMoment moment, int milliseconds, CancellationToken cancellationToken)
    {
        // The moment of the kill is what the run is about.
        await Task.Delay(milliseconds, cancellationToken);
        await _server.KillAsync(cancellationToken);
        Died(moment);
    }

    private async Task StopAndKillAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(_random.Next(300), cancellationToken);
        if (await _server.StopOrKillAsync(TimeSpan.FromMilliseconds(_random.Next(250)), cancellationToken))
        {
            Died(KillMoment.Shutdown);
        }
        else
        {
            _report.CleanStops++;
            Died(null);
        }
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
