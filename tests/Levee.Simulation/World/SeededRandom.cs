namespace Levee.Simulation;

/// <summary>Random numbers from a seed (splitmix64): the same on every machine and with every runtime.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>A number from 0 to <paramref name="end"/> - 1.</summary>
    public int Below(int end) => (int)Math.BigMul(Next(), (ulong)end, out _);

    /// <summary>A number between two, both included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    public bool Chance(double probability) => probability > 0 && (Next() >> 11) * (1.0 / (1UL << 53)) < probability;

    /// <summary>A time up to <paramref name="longest"/>; now and then much shorter, as waits are.</summary>
    public TimeSpan UpTo(TimeSpan longest) =>
        new((long)Math.BigMul(Next(), (ulong)longest.Ticks + 1, out _) >> (Chance(0.25) ? 4 : 0));

    public T Pick<T>(IReadOnlyList<T> among) => among[Below(among.Count)];

    public SeededRandom Fork() => new(Next());
}
