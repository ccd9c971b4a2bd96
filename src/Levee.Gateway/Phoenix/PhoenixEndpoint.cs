using Levee.Gateway.Phoenix.Serializers;
using Levee.Gateway.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>The HTTP side: chooses the serializer, upgrades, and serves the socket; or says why not.</summary>
internal sealed class PhoenixEndpoint(
    PhoenixSerializers serializers,
    SocketRegistry registry,
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
        using var accepted = await AcceptedWebSocket.AcceptAsync(context);
        var socket = new PhoenixSocket(accepted, serializer, options.Value, routes, context.RequestServices, time, logger);
        await registry.RunAsync(socket);
    }
}
