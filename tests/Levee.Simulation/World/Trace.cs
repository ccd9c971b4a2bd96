using System.Globalization;

namespace Levee.Simulation;

/// <summary>
/// What happened, in order: the last events to read after a failure, and a hash of all, by which two runs are the same or not.
/// </summary>
internal sealed class Trace
{
    private const int Kept = 400;

    private readonly (long Step, long Time, string What, long A, long B, long C)[] _last = new (long, long, string, long, long, long)[Kept];
    private long _count;

    /// <summary>The hash of everything so far.</summary>
    public ulong Hash { get; private set; } = 0xCBF29CE484222325;

    /// <summary>Takes a number into the hash alone.</summary>
    public void Mix(ulong value) => Hash = (Hash ^ value) * 0x9E3779B97F4A7C15 ^ (Hash >> 29);

    public void Add(Scheduler scheduler, string what, long a = 0, long b = 0, long c = 0)
    {
        _last[_count++ % Kept] = (scheduler.Steps, scheduler.Now, what, a, b, c);
        foreach (var character in what)
        {
            Mix(character);
        }

        Mix((ulong)scheduler.Now);
        Mix((ulong)a);
        Mix((ulong)b);
        Mix((ulong)c);
    }

    /// <summary>The last events, oldest first, a line each.</summary>
    public IEnumerable<string> Last(int count)
    {
        for (var i = Math.Max(0, _count - Math.Min(count, Kept)); i < _count; i++)
        {
            var (step, time, what, a, b, c) = _last[i % Kept];
            var milliseconds = (time / (double)TimeSpan.TicksPerMillisecond).ToString("F3", CultureInfo.InvariantCulture);
            yield return $"{step,8} {milliseconds,14} ms  {what} {a} {b} {c}";
        }
    }
}
