using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Levee.Client.Tests;

/// <summary>What a <see cref="SocketProxy"/> does with a frame.</summary>
internal enum Verdict
{
    Pass,
    Drop,

    /// <summary>Passes the frame on, then cuts both sides.</summary>
    PassAndCut,

    /// <summary>Cuts both sides; the frame is lost.</summary>
    Cut,
}

/// <summary>Stands between a client and a server, and loses what it is told to.</summary>
internal sealed class SocketProxy : IAsyncDisposable
{
    private readonly Uri _server;
    private readonly WebApplication _app;
    private readonly HttpClient _http = new();

    private SocketProxy(Uri server, WebApplication app)
    {
        _server = server;
        _app = app;
    }

    public Uri Url => new(_app.Urls.First());

    /// <summary>Decides about frames that the client sends, as text.</summary>
    public Func<string, Verdict> FromClient { get; set; } = _ => Verdict.Pass;

    /// <summary>Decides about frames that the server sends, as text.</summary>
    public Func<string, Verdict> FromServer { get; set; } = _ => Verdict.Pass;

    public static async Task<SocketProxy> StartAsync(Uri server, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseWebSockets();
        var proxy = new SocketProxy(server, app);
        app.Run(proxy.HandleAsync);
        await app.StartAsync(cancellationToken);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            await ForwardAsync(context);
            return;
        }

        using var client = await context.WebSockets.AcceptWebSocketAsync();
        using var server = new ClientWebSocket();
        await server.ConnectAsync(
            new Uri($"ws://{_server.Authority}{context.Request.Path}{context.Request.QueryString}"), context.RequestAborted);
        await Task.WhenAny(
            PumpAsync(client, server, frame => FromClient(frame)), PumpAsync(server, client, frame => FromServer(frame)));
        server.Abort();
        client.Abort();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), new Uri(_server, context.Request.Path + context.Request.QueryString));
        request.Headers.TryAddWithoutValidation("Authorization", context.Request.Headers.Authorization.ToString());
        using var response = await _http.SendAsync(request, context.RequestAborted);
        context.Response.StatusCode = (int)response.StatusCode;
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static async Task PumpAsync(WebSocket from, WebSocket to, Func<string, Verdict> judge)
    {
        try
        {
            var buffer = new byte[1 << 22];
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult result;
                do
                {
                    result = await from.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    length += result.Count;
                }
                while (!result.EndOfMessage);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    await to.CloseOutputAsync(
                        from.CloseStatus ?? WebSocketCloseStatus.NormalClosure,
                        from.CloseStatusDescription,
                        CancellationToken.None);
                    return;
                }

                var verdict = judge(Encoding.UTF8.GetString(buffer, 0, length));
                if (verdict is Verdict.Pass or Verdict.PassAndCut)
                {
                    await to.SendAsync(buffer.AsMemory(0, length), result.MessageType, endOfMessage: true, CancellationToken.None);
                }

                if (verdict is Verdict.Cut or Verdict.PassAndCut)
                {
                    return;
                }
            }
        }
        catch (WebSocketException)
        {
            // One side is gone: the other one is cut by the caller.
        }
    }
}
