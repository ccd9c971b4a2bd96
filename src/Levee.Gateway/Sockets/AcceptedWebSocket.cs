using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Levee.Gateway.Sockets;

/// <summary>An upgraded connection, before anything was read from it.</summary>
/// <param name="WebSocket">The socket.</param>
/// <param name="Abort">Cuts the connection; must not be called once the request has ended.</param>
/// <param name="Drain">Reads and forgets what comes when the framework has closed the socket by itself.</param>
/// <param name="Gone">Cancelled when the connection is gone, also while nobody reads.</param>
internal sealed record AcceptedWebSocket(WebSocket WebSocket, Action Abort, Func<Task> Drain, CancellationToken Gone) : IDisposable
{
    /// <summary>A request pipeline that may upgrade by <see cref="AcceptAsync"/>; needs no other middleware.</summary>
    internal static RequestDelegate Pipeline(IEndpointRouteBuilder endpoints, RequestDelegate handle)
    {
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.Use(KeepHold);
        pipeline.UseWebSockets();
        pipeline.Run(handle);
        return pipeline.Build();
    }

    internal static async Task<AcceptedWebSocket> AcceptAsync(HttpContext context)
    {
        // A slow reader is cut by the bound of its outbox, and told why; the web server's own rule would cut it without a word.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        // No pings of the WebSocket's own: the dialect's heartbeats decide whether it lives. No compression either: it would cost a
        // window of memory for every socket, and mixing secrets with what others send is a known leak.
        var upgrade = (LingeringUpgrade)context.Features.GetRequiredFeature<IHttpUpgradeFeature>();
        var webSocket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            DangerousEnableCompression = false,
            KeepAliveInterval = Timeout.InfiniteTimeSpan,
        });
        return new AcceptedWebSocket(webSocket, context.Abort, upgrade.DrainAsync, context.RequestAborted);
    }

    public void Dispose() => WebSocket.Dispose();

    private static Task KeepHold(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new LingeringUpgrade(upgrade));
        }

        return next(context);
    }
}
