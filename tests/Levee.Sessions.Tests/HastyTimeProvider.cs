using Microsoft.Extensions.Time.Testing;

namespace Levee.Sessions.Tests;

/// <summary>
/// A clock that a test moves and whose timers fire a little early, as the system's do: those count whole milliseconds, and drop the
/// rest of what they are asked for.
/// </summary>
internal sealed class HastyTimeProvider() : FakeTimeProvider(DateTimeOffset.UnixEpoch.AddDays(20_000))
{
    public static readonly TimeSpan Early = TimeSpan.FromTicks(1);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new HastyTimer(base.CreateTimer(callback, state, Hasten(dueTime), period));

    private static TimeSpan Hasten(TimeSpan dueTime) => dueTime > Shortest ? dueTime - Early : dueTime;

    private sealed class HastyTimer(ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Hasten(dueTime), period);

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
