namespace Levee.Gateway.Sockets;

/// <summary>What the <see cref="SocketRegistry"/> must know of a socket, whatever it speaks.</summary>
internal interface IOpenSocket
{
    /// <summary>A number that is unique among the sockets of this process; from <see cref="SocketIds"/>.</summary>
    long Id { get; }

    /// <summary>Completes when the connection has ended and everybody behind it has been told.</summary>
    Task Completed { get; }

    /// <summary>Serves the socket until it has ended, for whatever reason; never throws.</summary>
    Task RunAsync();

    /// <summary>Sends what waits, says goodbye and closes. Once; never waits.</summary>
    /// <param name="reason">What the client is told, where its protocol has a place for it.</param>
    void Shutdown(string reason);

    /// <summary>Ends the connection without another word.</summary>
    void Abort();

    /// <summary>Does what is due by the clock: a heartbeat, or the end of a peer that is silent. Called at the period asked for.</summary>
    void Sweep();
}
