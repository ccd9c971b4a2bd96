namespace Levee.Faults;

/// <summary>How a run goes.</summary>
internal sealed record FaultOptions
{
    /// <summary>Draws the moments. The machine adds its own chance: the same seed draws the same moments, not the same interleaving.</summary>
    public required int Seed { get; init; }

    /// <summary>The run ends after so many kills, or a few more.</summary>
    public int Kills { get; init; } = int.MaxValue;

    /// <summary>The run ends after so long, and the time that the last checks take.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.MaxValue;

    /// <summary>How many documents.</summary>
    public int Documents { get; init; } = 3;

    /// <summary>Told what happens, a line at a time.</summary>
    public required Action<string> Write { get; init; }

    /// <summary>Done to the data directory after each kill, to see that the run finds what it should find. Nothing by default.</summary>
    public Action<string> WhileDead { get; init; } = _ => { };
}
