using System.Net.WebSockets;
using System.Text;

namespace Levee.Gateway.Sockets;

/// <summary>Why a socket closes: what its peer reads in the close frame, and what those behind it are told.</summary>
/// <param name="Status">The close frame's status.</param>
/// <param name="Reason">The close frame's reason, at most 123 bytes; holds nothing that the peer sent.</param>
/// <param name="Cause">What it is called where no close frame is known.</param>
internal sealed record SocketClose(WebSocketCloseStatus Status, string Reason, SocketCloseCause Cause = SocketCloseCause.Closed)
{
    // A control frame holds 125 bytes, two of which are the status (RFC 6455, 5.5).
    private const int MaxReasonBytes = 123;

    // RFC 6455's registry: "Try Again Later". The enumeration stops at 1011.
    internal const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    internal static readonly SocketClose ByPeer = new(WebSocketCloseStatus.NormalClosure, "");

    internal static readonly SocketClose InternalError = new(WebSocketCloseStatus.InternalServerError, "internal error");

    internal static SocketClose TooLarge(int maxBytes) =>
        new(WebSocketCloseStatus.MessageTooBig, $"a frame may have {maxBytes} bytes");

    internal static SocketClose Slow(long waitingBytes) =>
        new(TryAgainLater, $"slow consumer: {waitingBytes} bytes were waiting; reconnect and catch up", SocketCloseCause.SlowConsumer);

    internal static SocketClose Shutdown(string reason) =>
        new(WebSocketCloseStatus.EndpointUnavailable, Fit(reason), SocketCloseCause.ServerShutdown);

    private static string Fit(string reason)
    {
        var fits = reason;
        while (Encoding.UTF8.GetByteCount(fits) > MaxReasonBytes)
        {
            fits = fits[..^1];
        }

        return fits;
    }
}
