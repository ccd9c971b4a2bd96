using Levee.Gateway.Phoenix.Serializers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>The HTTP side: chooses the serializer, upgrades, and serves the socket; or says why not.</summary>
internal sealed class PhoenixEndpoint(
    PhoenixSerializers serializers,
    PhoenixSocketRegistry registry,
    ChannelRoutes routes,
    IOptions<PhoenixOptions> options,
    TimeProvider time,
    ILogger<PhoenixSocket> logger)
{
    internal Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            return RefuseAsync(context, StatusCodes.Status426UpgradeRequired,
                "This address speaks WebSocket. Connect a Phoenix Channels client to it, with ?vsn=2.0.0 for JSON or ?vsn=3.0.0 for MessagePack.");
        }

        if (serializers.Find(context.Request.Query["vsn"]) is not { } serializer)
        {
            return RefuseAsync(context, StatusCodes.Status403Forbidden,
                "Unsupported vsn. Ask for vsn=2.0.0 (JSON), vsn=3.0.0 (MessagePack), or no vsn (objects of the 1.x clients).");
        }

        return registry.IsShutDown
            ? RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The server is shutting down. Try again later.")
            : ServeAsync(context, serializer);
    }

    private static Task RefuseAsync(HttpContext context, int statusCode, string text)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }

    private async Task ServeAsync(HttpContext context, IPhoenixSerializer serializer)
    {
        // A slow reader is cut by the bound of its outbox, and told why; the web server's own rule would cut it without a word.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // No pings of our own: the client's heartbeats decide whether it lives. No compression either: it would cost a
        // window of memory for every socket, and mixing secrets with what others send is a known leak.
        var upgrade = (LingeringUpgrade)context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        using var webSocket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            DangerousEnableCompression = false,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        var socket = new PhoenixSocket(
            webSocket, serializer, options.Value, routes, context.RequestServices, time, logger, context.Abort, upgrade.DrainAsync);

        // A handler that takes long keeps the receive loop from noticing that the connection is gone.
        using var gone = context.RequestAborted.UnsafeRegister(
            static socket => ((PhoenixSocket)socket!).BeginClose(SocketClose.ByPeer, drop: true), socket);
        await registry.RunAsync(socket);
    }
}
