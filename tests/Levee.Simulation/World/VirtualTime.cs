namespace Levee.Simulation;

/// <summary>A process's clock: the scheduler's time, seen by a clock that may be wrong and may be set. Timers count real time, as they do.</summary>
internal sealed class VirtualTime(Scheduler scheduler, SimulatedProcess process) : TimeProvider
{
    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddDays(20_000);

    private readonly HashSet<VirtualTimer> _timers = [];

    /// <summary>How wrong the clock is.</summary>
    public TimeSpan Offset { get; set; }

    /// <summary>How many timers are set.</summary>
    public int ActiveTimers => _timers.Count(timer => timer.IsSet);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        scheduler.RequireOwnThread();
        return Start.AddTicks(scheduler.Now) + Offset;
    }

    public override long GetTimestamp() => scheduler.Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        scheduler.RequireOwnThread();
        if (period != Timeout.InfiniteTimeSpan && period != TimeSpan.Zero)
        {
            throw new NotSupportedException("Sessions set their timers once at a time.");
        }

        var timer = new VirtualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        _timers.Add(timer);
        return timer;
    }

    private sealed class VirtualTimer(VirtualTime time, Action callback) : ITimer
    {
        private Timed? _pending;
        private bool _isDisposed;

        public bool IsSet => _pending is { IsCancelled: false };

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.RequireOwnThread();
            _pending?.Cancel();
            _pending = null;
            if (_isDisposed)
            {
                return false;
            }

            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                _pending = time.After(dueTime, callback);
            }

            return true;
        }

        public void Dispose()
        {
            _isDisposed = true;
            _pending?.Cancel();
            time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private void RequireOwnThread() => scheduler.RequireOwnThread();

    private Timed After(TimeSpan delay, Action callback) => scheduler.After(delay, callback, process);
}
