using System.Net.WebSockets;
using Levee.Client;
using Levee.Testing;

namespace Levee.Faults.Clients;

/// <summary>Tells a server that is gone from everything else that can go wrong.</summary>
internal static class Broken
{
    public static bool Is(Exception e) =>
        e is WebSocketException or HttpRequestException or IOException or ChannelExpectationException or SocketIoExpectationException
            or LeveeTransportException or ObjectDisposedException or OperationCanceledException or TimeoutException;
}
