namespace Levee.Sessions;

/// <summary>The moments at which a session has something to do unasked, kept by one timer. Used by the session's loop alone.</summary>
internal sealed class Deadlines : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private DateTimeOffset? _armedFor;

    public Deadlines(TimeProvider time, Action wake)
    {
        _time = time;
        _timer = time.CreateTimer(static wake => ((Action)wake!)(), wake, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
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
        if (earliest == _armedFor)
        {
            return;
        }

        _armedFor = earliest;
        var delay = earliest - _time.GetUtcNow();
        _timer.Change(
            delay is not { } wait ? Timeout.InfiniteTimeSpan : wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    private static DateTimeOffset? Earliest(DateTimeOffset? left, DateTimeOffset? right) =>
        left is null ? right : right is null || left < right ? left : right;
}
