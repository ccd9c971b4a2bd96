using Levee.Gateway.Sockets;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>The HTTP side: opens sessions and leads requests to theirs; or says why not, as engine.io's own server does.</summary>
internal sealed class EngineEndpoint(SocketIoSessions sessions, SocketRegistry registry)
{
    internal async Task HandleAsync(HttpContext context)
    {
        if (await ServeAsync(context) is { } error && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = error.StatusCode;
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsJsonAsync(new { code = error.Code, message = error.Message });
        }
    }

    private Task<EngineError?> ServeAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var isUpgrade = context.WebSockets.IsWebSocketRequest && HttpMethods.IsGet(context.Request.Method);
        var transport = query["transport"].ToString();
        if (transport is not ("polling" or "websocket"))
        {
            return Error(EngineError.UnknownTransport);
        }

        var isMismatch = isUpgrade != (transport == "websocket");
        var sid = query["sid"].ToString();
        if (sid.Length > 0)
        {
            return sessions.Find(sid) is not { } session ? Error(EngineError.UnknownSession)
                : isMismatch ? Error(EngineError.BadRequest)
                : isUpgrade ? ProbeAsync(context, session)
                : RequestAsync(context, session);
        }

        return !HttpMethods.IsGet(context.Request.Method) ? Error(EngineError.BadHandshakeMethod)
            : isMismatch ? Error(EngineError.BadRequest)
            : query["EIO"].ToString() != "4" ? Error(EngineError.UnsupportedVersion)
            : registry.IsShutDown ? Error(EngineError.ShuttingDown)
            : sessions.IsFull ? Error(EngineError.TooManySessions)
            : isUpgrade ? OpenWebSocketAsync(context)
            : OpenPollingAsync(context);
    }

    private static Task<EngineError?> Error(EngineError error) => Task.FromResult<EngineError?>(error);

    private static Task<EngineError?> RequestAsync(HttpContext context, EngineSession session) =>
        HttpMethods.IsGet(context.Request.Method) ? session.PollAsync(context)
        : HttpMethods.IsPost(context.Request.Method) ? session.PostAsync(context)
        : Error(EngineError.BadRequest);

    private static async Task<EngineError?> ProbeAsync(HttpContext context, EngineSession session)
    {
        using var accepted = await AcceptedWebSocket.AcceptAsync(context);
        await session.ProbeWebSocket(accepted).RunAsync();
        return null;
    }

    private async Task<EngineError?> OpenWebSocketAsync(HttpContext context)
    {
        using var accepted = await AcceptedWebSocket.AcceptAsync(context);
        var connection = sessions.Create();
        var webSocket = connection.Session.OpenWebSocket(accepted);
        connection.Session.SendOpen(upgrades: "");
        var running = sessions.RunAsync(connection);
        await webSocket.RunAsync();
        await running;
        return null;
    }

    // The session lives on when this request has ended.
    private async Task<EngineError?> OpenPollingAsync(HttpContext context)
    {
        var connection = sessions.Create();
        connection.Session.SendOpen(upgrades: "\"websocket\"");
        _ = sessions.RunAsync(connection);
        return await connection.Session.PollAsync(context);
    }
}
