using System.Net.WebSockets;
using System.Text;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// Why a socket closes. Phoenix clients reconnect after every status but 1000, so the server itself never says 1000 first.
/// </summary>
internal sealed record SocketClose(WebSocketCloseStatus Status, string Reason, ChannelCloseReason ChannelReason)
{
    // A control frame holds 125 bytes, two of which are the status (RFC 6455, 5.5).
    private const int MaxReasonBytes = 123;

    // RFC 6455's registry: "Try Again Later". The enumeration stops at 1011.
    internal const WebSocketCloseStatus TryAgainLater = (WebSocketCloseStatus)1013;

    internal static readonly SocketClose ByPeer =
        new(WebSocketCloseStatus.NormalClosure, "", ChannelCloseReason.SocketClosed);

    internal static readonly SocketClose InternalError =
        new(WebSocketCloseStatus.InternalServerError, "internal error", ChannelCloseReason.SocketClosed);

    internal static SocketClose Malformed(PhoenixFrameException e) =>
        new(e.CloseStatus, e.Message, ChannelCloseReason.SocketClosed);

    internal static SocketClose TooLarge(int maxBytes) =>
        new(WebSocketCloseStatus.MessageTooBig, $"a frame may have {maxBytes} bytes", ChannelCloseReason.SocketClosed);

    internal static SocketClose WrongType(WebSocketMessageType expected) =>
        new(WebSocketCloseStatus.InvalidMessageType,
            expected == WebSocketMessageType.Text
                ? "this vsn speaks JSON in text frames"
                : "this vsn speaks MessagePack in binary frames",
            ChannelCloseReason.SocketClosed);

    internal static SocketClose Slow(long waitingBytes) =>
        new(TryAgainLater, $"slow consumer: {waitingBytes} bytes were waiting; reconnect and catch up", ChannelCloseReason.SlowConsumer);

    internal static SocketClose Silent(TimeSpan timeout) =>
        new(WebSocketCloseStatus.PolicyViolation,
            $"silent for {timeout.TotalSeconds:0.#} s: send a heartbeat on topic phoenix",
            ChannelCloseReason.SocketClosed);

    internal static SocketClose Shutdown(string reason) =>
        new(WebSocketCloseStatus.EndpointUnavailable, Fit(reason), ChannelCloseReason.ServerShutdown);

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
