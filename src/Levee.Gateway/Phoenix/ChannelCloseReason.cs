namespace Levee.Gateway.Phoenix;

/// <summary>How a channel ended.</summary>
public enum ChannelCloseReason
{
    /// <summary>The client left (<c>phx_leave</c>).</summary>
    Left,

    /// <summary>The client joined the same topic again on the same socket.</summary>
    Replaced,

    /// <summary>The socket closed, died, was silent for too long, or sent what is no frame.</summary>
    SocketClosed,

    /// <summary>The socket was cut because its reader was too slow.</summary>
    SlowConsumer,

    /// <summary>The server is shutting down.</summary>
    ServerShutdown,

    /// <summary>The channel closed itself by <see cref="ChannelContext.Close"/>.</summary>
    ClosedByServer,

    /// <summary>The channel threw, or gave up by <see cref="ChannelContext.Crash"/>.</summary>
    Crashed,
}
