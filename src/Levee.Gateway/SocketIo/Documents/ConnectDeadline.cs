namespace Levee.Gateway.SocketIo.Documents;

/// <summary>
/// Sends a client away that is connected to no document for too long: nobody has vouched for it, and whoever answers pings could hold a
/// session for ever.
/// </summary>
internal sealed class ConnectDeadline : IDisposable
{
    private readonly ITimer _timer;
    private readonly TimeSpan _timeout;

    /// <summary>Begins to count.</summary>
    public ConnectDeadline(SocketIoSocket socket, TimeProvider time, TimeSpan timeout)
    {
        _timeout = timeout;
        _timer = time.CreateTimer(
            static socket => ((SocketIoSocket)socket!).Disconnect("it has connected to no document"), socket, timeout, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A token was good; what follows is the session's to decide.</summary>
    public void Stop() => _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Counts from the beginning.</summary>
    public void Restart() => _timer.Change(_timeout, Timeout.InfiniteTimeSpan);

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();
}
