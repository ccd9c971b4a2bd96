using System.Collections.Concurrent;

namespace Levee.Gateway.Sockets;

/// <summary>
/// Every open socket of the process, of all dialects. One timer gives them what is due by the clock; one call closes them all when
/// the server shuts down.
/// </summary>
public sealed class SocketRegistry : IDisposable
{
    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, IOpenSocket> _sockets = new();
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _sweep;
    private TimeSpan _sweepPeriod = LongestSweepPeriod;
    private volatile string? _shutdown;

    /// <summary>An empty registry, and the timer that sweeps it.</summary>
    public SocketRegistry(TimeProvider time)
    {
        _time = time;
        _sweep = time.CreateTimer(
            static registry => ((SocketRegistry)registry!).Sweep(), this, LongestSweepPeriod, LongestSweepPeriod);
    }

    /// <summary>How many sockets are open.</summary>
    public int Count => _sockets.Count;

    /// <summary>Whether new sockets are turned away.</summary>
    public bool IsShutDown => _shutdown is not null;

    /// <summary>Turns away new sockets from now on; those that are open stay until <see cref="CloseAllAsync"/>.</summary>
    /// <param name="reason">What a client is told that comes in at this very moment.</param>
    public void StopAccepting(string reason) => _shutdown ??= reason;

    /// <summary>
    /// Says goodbye to every socket (a WebSocket is closed with 1001), turns away new ones from now on, and waits until all have ended. What waits to be
    /// sent is sent first. A peer that has not taken it when three quarters of the time are gone is aborted.
    /// </summary>
    /// <param name="reason">What the clients are told; cut to 123 bytes.</param>
    /// <param name="deadline">When this returns at the latest, also when a channel does not come to its end.</param>
    /// <returns>How many sockets had not ended by then.</returns>
    public async Task<int> CloseAllAsync(string reason, TimeSpan deadline)
    {
        _shutdown = reason;
        foreach (var socket in _sockets.Values)
        {
            socket.Shutdown(reason);
        }

        if (!await AllEndedAsync(deadline * 0.75))
        {
            foreach (var socket in _sockets.Values)
            {
                socket.Abort();
            }

            await AllEndedAsync(deadline * 0.25);
        }

        return _sockets.Values.Count(s => !s.Completed.IsCompleted);
    }

    /// <inheritdoc/>
    public void Dispose() => _sweep.Dispose();

    /// <summary>Asks that sockets are swept at least so often; without, it is every five seconds.</summary>
    internal void SweepEvery(TimeSpan period)
    {
        lock (_gate)
        {
            if (period < _sweepPeriod)
            {
                _sweepPeriod = period;
                _sweep.Change(period, period);
            }
        }
    }

    /// <summary>Serves a socket from its first frame to its end.</summary>
    internal async Task RunAsync(IOpenSocket socket)
    {
        _sockets[socket.Id] = socket;
        if (_shutdown is { } reason)
        {
            // It came in between the question whether we shut down and this line.
            socket.Shutdown(reason);
        }

        try
        {
            await socket.RunAsync();
        }
        finally
        {
            _sockets.TryRemove(socket.Id, out _);
        }
    }

    private async Task<bool> AllEndedAsync(TimeSpan timeout)
    {
        try
        {
            await Task.WhenAll(_sockets.Values.Select(s => s.Completed)).WaitAsync(timeout, _time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Sweep()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Sweep();
        }
    }
}
