namespace Levee.Gateway.SocketIo.Documents;

/// <summary>Calls once when a token's time is over, unless it is disposed before.</summary>
internal sealed class TokenExpiry : IDisposable
{
    // Timers take 49 days at the most, and tokens may be made for longer.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _at;
    private readonly Action _expired;
    private readonly ITimer _timer;

    public TokenExpiry(TimeProvider time, DateTimeOffset at, Action expired)
    {
        _time = time;
        _at = at;
        _expired = expired;
        _timer = time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm(at - time.GetUtcNow());
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        var left = _at - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            Arm(left);
        }
        else
        {
            _expired();
        }
    }

    /// <summary>A timer counts whole milliseconds and may be early: then it looks again.</summary>
    private void Arm(TimeSpan left) => _timer.Change(
        left <= TimeSpan.Zero ? TimeSpan.Zero
            : left < LongestWait ? TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds))
            : LongestWait,
        Timeout.InfiniteTimeSpan);
}
