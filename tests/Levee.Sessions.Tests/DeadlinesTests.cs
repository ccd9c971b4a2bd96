namespace Levee.Sessions.Tests;

public sealed class DeadlinesTests
{
    [Fact]
    public void A_timer_that_fires_before_its_deadline_is_set_again()
    {
        var time = new HastyTime();
        var wakes = 0;
        using var deadlines = new Deadlines(time, () => wakes++);
        deadlines.Unload = deadlines.In(TimeSpan.FromSeconds(1));
        deadlines.Arm();

        time.FireEarly();
        Assert.False(deadlines.HasCome(deadlines.Unload));
        deadlines.Arm();

        Assert.Equal(1, wakes);
        Assert.Equal(2, time.Settings);
    }

    private sealed class HastyTime : TimeProvider
    {
        private TimerCallback _callback = _ => { };
        private object? _state;

        public int Settings { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            return new Timer(this);
        }

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;

        public void FireEarly() => _callback(_state);

        private sealed class Timer(HastyTime time) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                time.Settings++;
                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
