using System.Globalization;

namespace Levee.Faults;

/// <summary>What a run did and found.</summary>
internal sealed class FaultReport
{
    public required int Seed { get; init; }

    /// <summary>Kills by what the server was doing.</summary>
    public Dictionary<KillMoment, int> KillsAt { get; } = Enum.GetValues<KillMoment>().ToDictionary(moment => moment, _ => 0);

    public int Kills => KillsAt.Values.Sum();

    /// <summary>Kills while something that was submitted was not answered.</summary>
    public int KillsWithOpsInFlight { get; set; }

    /// <summary>Kills while a summary was uploaded, or waited for its answer.</summary>
    public int KillsWithSummaryInFlight { get; set; }

    /// <summary>Times that it was told to stop and did, before it was killed.</summary>
    public int CleanStops { get; set; }

    /// <summary>Messages in all logs.</summary>
    public long Messages { get; set; }

    /// <summary>Ops of writers among them.</summary>
    public long Ops { get; set; }

    /// <summary>Acknowledged summaries.</summary>
    public int Summaries { get; set; }

    /// <summary>Documents that were created while the server was killed, beside those that clients share.</summary>
    public int Created { get; set; }

    public int Reconnects { get; set; }

    public int Signals { get; set; }

    /// <summary>How often everything was quiet, and everything was read again.</summary>
    public int WholeChecks { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>What was found to be untrue; empty when all is well.</summary>
    public IReadOnlyList<string> Violations { get; set; } = [];

    public string Progress => string.Create(
        CultureInfo.InvariantCulture,
        $"{Elapsed:hh\\:mm\\:ss}  kills {Kills} ({string.Join(", ", KillsAt.Select(kills => $"{Of(kills.Key)} {kills.Value}"))})  ops {Ops}  summaries {Summaries}  reconnects {Reconnects}");

    public string Table => string.Create(CultureInfo.InvariantCulture, $"""
        seed                        {Seed}
        duration                    {Elapsed:hh\:mm\:ss}
        kills                       {Kills}
          under load                {KillsAt[KillMoment.Load]}
          while clients come back   {KillsAt[KillMoment.Connecting]}
          during start-up           {KillsAt[KillMoment.StartUp]}
          during a summary          {KillsAt[KillMoment.Summary]}
          during shutdown           {KillsAt[KillMoment.Shutdown]}
          with ops in flight        {KillsWithOpsInFlight}
          with a summary in flight  {KillsWithSummaryInFlight}
        clean stops                 {CleanStops}
        messages sequenced          {Messages}
          ops of writers            {Ops}
        summaries acknowledged      {Summaries}
        documents created           {Created}
        reconnects                  {Reconnects}
        signals received            {Signals}
        whole checks                {WholeChecks}
        violations                  {Violations.Count}
        """);

    private static string Of(KillMoment moment) => moment switch
    {
        KillMoment.Load => "load",
        KillMoment.Connecting => "connecting",
        KillMoment.StartUp => "start-up",
        KillMoment.Summary => "summary",
        KillMoment.Shutdown => "shutdown",
        _ => throw new ArgumentOutOfRangeException(nameof(moment), moment, "Not a moment."),
    };
}
