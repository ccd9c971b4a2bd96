namespace Levee.Gateway.Sockets;

/// <summary>The kinds of end that a dialect tells apart.</summary>
internal enum SocketCloseCause
{
    /// <summary>The peer closed, died, was silent for too long, or broke the protocol; or we failed.</summary>
    Closed,

    /// <summary>The peer did not read, and more waited than its outbox holds.</summary>
    SlowConsumer,

    /// <summary>The server is shutting down.</summary>
    ServerShutdown,
}
