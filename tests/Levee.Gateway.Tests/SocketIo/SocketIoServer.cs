using System.Net.WebSockets;
using System.Text.Json;
using Levee.Gateway.Rest;
using Levee.Gateway.SocketIo;
using Levee.Gateway.Sockets;
using Levee.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>A real web server on a free port that serves <see cref="EchoHandler"/> at <c>/socket.io/</c>.</summary>
public sealed class SocketIoServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TimeProvider? _time;
    private int _pendingPolls;

    private SocketIoServer(WebApplication app, TimeProvider? time)
    {
        _app = app;
        _time = time;
    }

    public SocketIoHub Hub => _app.Services.GetRequiredService<SocketIoHub>();

    public SocketRegistry Registry => _app.Services.GetRequiredService<SocketRegistry>();

    public CapturedLog Log { get; } = new();

    public Uri Url => new(_app.Urls.First());

    public HttpClient Http { get; } = new();

    /// <summary>What is done to answers on their way to the client.</summary>
    public HeldAnswers Answers { get; } = new();

    /// <summary>How many polls wait for packets.</summary>
    public int PendingPolls => _pendingPolls;

    public static async Task<SocketIoServer> StartAsync(
        Action<SocketIoOptions>? configure = null, TimeProvider? time = null, string? corsOrigin = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<SocketIoHub>();
        builder.Services.AddSocketIo(configure).AddHandler<EchoHandler>();
        builder.Services.AddLeveeRest(rest =>
        {
            if (corsOrigin is not null)
            {
                rest.CorsOrigins.Add(corsOrigin);
            }
        });
        var app = builder.Build();
        var server = new SocketIoServer(app, time);
        app.Use(server.CountPollsAsync);
        app.Use(server.Answers.HoldAsync);
        app.UseLeveeRest();
        app.MapSocketIo("/socket.io/");
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(server.Log);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Http.BaseAddress = server.Url;
        return server;
    }

    public Task<SocketIoClient> ConnectAsync(SocketIoTransport transport = SocketIoTransport.WebSocket) =>
        SocketIoClient.ConnectAsync(Url, transport, cancellationToken: TestContext.Current.CancellationToken);

    public Task<SocketIoClient> OpenAsync(SocketIoTransport transport = SocketIoTransport.WebSocket) =>
        SocketIoClient.OpenAsync(Url, transport, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>One raw request: <c>GET /socket.io/?query</c> and the like.</summary>
    public async Task<(int Status, string Text)> SendAsync(HttpMethod method, string query, HttpContent? body = null, HttpClient? http = null)
    {
        using var request = new HttpRequestMessage(method, $"{Url}socket.io/?{query}") { Content = body };
        using var response = await (http ?? Http).SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A poll of a session.</summary>
    public Task<(int Status, string Text)> PollAsync(string sid, HttpClient? http = null) =>
        SendAsync(HttpMethod.Get, $"EIO=4&transport=polling&sid={sid}", http: http);

    /// <summary>A POST of packets to a session.</summary>
    public Task<(int Status, string Text)> PostAsync(string sid, string body, HttpClient? http = null) =>
        SendAsync(HttpMethod.Post, $"EIO=4&transport=polling&sid={sid}", new StringContent(body), http);

    /// <summary>A session of polling whose first poll has yet to come.</summary>
    public async Task<string> HandshakeAsync()
    {
        var (status, text) = await SendAsync(HttpMethod.Get, "EIO=4&transport=polling");
        Assert.Equal(200, status);
        return JsonSerializer.Deserialize<JsonElement>(text[1..]).GetProperty("sid").GetString()!;
    }

    /// <summary>A session of polling that is connected to the default namespace.</summary>
    public async Task<string> ConnectPollingAsync()
    {
        var sid = await HandshakeAsync();
        Assert.Equal((200, "ok"), await PostAsync(sid, "40"));
        Assert.StartsWith("40{", (await PollAsync(sid)).Text);
        return sid;
    }

    /// <summary>A bare WebSocket on any query.</summary>
    public async Task<RawSocket> SocketAsync(string query)
    {
        var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var raw = new RawSocket(socket);
        await raw.ConnectAsync(new Uri($"ws://{Url.Authority}/socket.io/?{query}"));
        return raw;
    }

    public async ValueTask DisposeAsync()
    {
        Hub.Release();
        Answers.Release();
        // A session of polling that nobody polls any more takes all the time that there is.
        var closing = Registry.CloseAllAsync("test is over", TimeSpan.FromMilliseconds(400));
        while (_time is FakeTimeProvider time && !closing.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(closing, Task.Delay(10, CancellationToken.None));
        }

        await closing;
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Log.Dispose();
    }

    private async Task CountPollsAsync(HttpContext http, RequestDelegate next)
    {
        // A request that has got as far as it can by itself waits for packets.
        var serving = next(http);
        var isPoll = HttpMethods.IsGet(http.Request.Method) && !http.WebSockets.IsWebSocketRequest && !serving.IsCompleted;
        Interlocked.Add(ref _pendingPolls, isPoll ? 1 : 0);
        try
        {
            await serving;
        }
        finally
        {
            Interlocked.Add(ref _pendingPolls, isPoll ? -1 : 0);
        }
    }
}
