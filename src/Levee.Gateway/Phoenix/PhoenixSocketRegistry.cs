using System.Collections.Concurrent;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// Every open Phoenix socket of the process. One timer looks for those that are silent; one call closes them all when the
/// server shuts down.
/// </summary>
public sealed class PhoenixSocketRegistry : IDisposable
{
    private static readonly TimeSpan LongestSweepPeriod = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<long, PhoenixSocket> _sockets = new();
    private readonly TimeSpan _idleTimeout;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private volatile SocketClose? _shutdown;

    /// <summary>An empty registry, and the timer that sweeps it.</summary>
    public PhoenixSocketRegistry(IOptions<PhoenixOptions> options, TimeProvider time)
    {
        _idleTimeout = options.Value.IdleTimeout;
        _time = time;
        var quarter = _idleTimeout / 4;
        var period = quarter < LongestSweepPeriod ? quarter : LongestSweepPeriod;
        _sweep = time.CreateTimer(static registry => ((PhoenixSocketRegistry)registry!).CloseSilent(), this, period, period);
    }

    /// <summary>How many sockets are open.</summary>
    public int Count => _sockets.Count;

    /// <summary>Whether new sockets are turned away.</summary>
    public bool IsShutDown => _shutdown is not null;

    /// <summary>Turns away new sockets from now on; those that are open stay until <see cref="CloseAllAsync"/>.</summary>
    /// <param name="reason">What a client is told that comes in at this very moment.</param>
    public void StopAccepting(string reason) => _shutdown ??= SocketClose.Shutdown(reason);

    /// <summary>
    /// Closes every socket with 1001, turns away new ones from now on, and waits until all have ended. What waits to be
    /// sent is sent first. A peer that has not taken it when three quarters of the time are gone is aborted.
    /// </summary>
    /// <param name="reason">What the clients are told; cut to 123 bytes.</param>
    /// <param name="deadline">When this returns at the latest, also when a channel does not come to its end.</param>
    /// <returns>How many sockets had not ended by then.</returns>
    public async Task<int> CloseAllAsync(string reason, TimeSpan deadline)
    {
        var close = SocketClose.Shutdown(reason);
        _shutdown = close;
        foreach (var socket in _sockets.Values)
        {
            socket.BeginClose(close, drop: false);
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

    /// <summary>Serves a socket from its first frame to its end.</summary>
    internal async Task RunAsync(PhoenixSocket socket)
    {
        _sockets[socket.Id] = socket;
        if (_shutdown is { } close)
        {
            // It came in between the question whether we shut down and this line.
            socket.BeginClose(close, drop: false);
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

    private void CloseSilent()
    {
        foreach (var socket in _sockets.Values)
        {
            if (socket.Silence >= _idleTimeout)
            {
                socket.BeginClose(SocketClose.Silent(_idleTimeout), drop: false);
            }
        }
    }
}
