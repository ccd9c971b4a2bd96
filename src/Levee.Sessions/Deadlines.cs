namespace Levee.Sessions;

/// <summary>The moments at which a session has something to do unasked, kept by one timer. Used by the session's loop alone.</summary>
internal sealed class Deadlines : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset? _armedFor;
    private int _hasFired;

    public Deadlines(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(
            _ =>
            {
                Volatile.Write(ref _hasFired, 1);
                wake();
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>When coalesced no-ops become one message.</summary>
    public DateTimeOffset? NoOp { get; set; }

    /// <summary>When silent write clients are looked for.</summary>
    public DateTimeOffset? SilentClients { get; set; }

    /// <summary>When the document is unloaded.</summary>
    public DateTimeOffset? Unload { get; set; }

    /// <summary>When the service makes a summary of its own.</summary>
    public DateTimeOffset? ServiceSummary { get; set; }

    /// <summary>True once the timer has gone off, until it is set again.</summary>
    public bool HasFired => Volatile.Read(ref _hasFired) == 1;

    /// <summary>True when the deadline has come.</summary>
    public bool HasCome(DateTimeOffset? deadline) => deadline <= _time.GetUtcNow();

    /// <summary>A moment from now.</summary>
    public DateTimeOffset In(TimeSpan delay) => _time.GetUtcNow() + delay;

    /// <summary>Sets the timer to the earliest deadline. To be called at the end of each turn.</summary>
    public void Arm()
    {
        var earliest = Earliest(Earliest(NoOp, ServiceSummary), Earliest(SilentClients, Unload));
        // A timer counts whole milliseconds and may be early: one that has fired before its deadline is set again for the same one.
        var hasFired = Interlocked.Exchange(ref _hasFired, 0) == 1;
        if (earliest == _armedFor && !hasFired)
        {
            return;
        }

        _armedFor = earliest;
        var delay = earliest - _time.GetUtcNow();
        _timer.Change(
            delay is not { } wait ? Timeout.InfiniteTimeSpan : wait > TimeSpan.Zero ? UpToMilliseconds(wait) : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private static TimeSpan UpToMilliseconds(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
