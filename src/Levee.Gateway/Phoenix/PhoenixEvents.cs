namespace Levee.Gateway.Phoenix;

/// <summary>The names that the Phoenix Channels protocol keeps for itself.</summary>
public static class PhoenixEvents
{
    /// <summary>The topic of the socket itself, where heartbeats go.</summary>
    public const string SocketTopic = "phoenix";

    /// <summary>Client to server: the socket lives.</summary>
    public const string Heartbeat = "heartbeat";

    /// <summary>Client to server: open a channel on the topic.</summary>
    public const string Join = "phx_join";

    /// <summary>Client to server: end the channel.</summary>
    public const string Leave = "phx_leave";

    /// <summary>Server to client: the answer to a push, <c>{status, response}</c>.</summary>
    public const string Reply = "phx_reply";

    /// <summary>Server to client: the channel has ended as asked; the client does not rejoin.</summary>
    public const string Close = "phx_close";

    /// <summary>Server to client: the channel has crashed; the client rejoins.</summary>
    public const string Error = "phx_error";
}
