namespace Levee.Sessions;

/// <summary>The moments at which a session has something to do unasked, kept by one timer. Used by the session's loop alone.</summary>
internal sealed class Deadlines : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Action _wake;
    private DateTimeOffset? _armedFor;

    // Set by the timer's thread before it wakes the loop.
    private volatile bool _hasFired;

    public Deadlines(TimeProvider time, Action wake)
    {
        _time = time;
        _wake = wake;
        _timer = time.CreateTimer(static self => ((Deadlines)self!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>When coalesced no-ops become one message.</summary>
    public DateTimeOffset? NoOp { get; set; }

    /// <summary>When silent write clients are looked for.</summary>
    public DateTimeOffset? SilentClients { get; set; }

    /// <summary>When the document is unloaded.</summary>
    public DateTimeOffset? Unload { get; set; }

    /// <summary>True when the deadline has come.</summary>
    public bool HasCome(DateTimeOffset? deadline) => deadline <= _time.GetUtcNow();

    /// <summary>A moment from now.</summary>
    public DateTimeOffset In(TimeSpan delay) => _time.GetUtcNow() + delay;

    /// <summary>Sets the timer to the earliest deadline. To be called at the end of each turn.</summary>
    public void Arm()
    {
        var earliest = Earliest(NoOp, Earliest(SilentClients, Unload));
        // A timer that has fired is spent, and may have fired before its time: the system's count whole milliseconds.
        if (earliest == _armedFor && !_hasFired)
        {
            return;
        }

        _hasFired = false;
        _armedFor = earliest;
        _timer.Change(DelayUntil(earliest), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private void Fire()
    {
        _hasFired = true;
        _wake();
    }

    /// <summary>In whole milliseconds and never too few, so that the loop does not spin through the last fraction of one.</summary>
    private TimeSpan DelayUntil(DateTimeOffset? deadline) => (deadline - _time.GetUtcNow()) switch
    {
        null => Timeout.InfiniteTimeSpan,
        { } wait when wait <= TimeSpan.Zero => TimeSpan.Zero,
        { } wait => TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)),
    };

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
