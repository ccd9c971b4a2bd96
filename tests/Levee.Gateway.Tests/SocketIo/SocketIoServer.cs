using Levee.Gateway.Rest;
using Levee.Gateway.SocketIo;
using Levee.Gateway.Sockets;
using Levee.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>A real web server on a free port that serves <see cref="EchoHandler"/> at <c>/socket.io/</c>.</summary>
public sealed class SocketIoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SocketIoServer(WebApplication app) => _app = app;

    public SocketIoHub Hub => _app.Services.GetRequiredService<SocketIoHub>();

    public SocketRegistry Registry => _app.Services.GetRequiredService<SocketRegistry>();

    public CapturedLog Log { get; } = new();

    public Uri Url => new(_app.Urls.First());

    public HttpClient Http { get; } = new();

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
        app.UseLeveeRest();
        app.MapSocketIo("/socket.io/");
        var server = new SocketIoServer(app);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(server.Log);
        await app.StartAsync(TestContext.Current.CancellationToken);
        server.Http.BaseAddress = server.Url;
        return server;
    }

    public Task<SocketIoClient> ConnectAsync(SocketIoTransport transport = SocketIoTransport.WebSocket) =>
        SocketIoClient.ConnectAsync(Url, transport, cancellationToken: TestContext.Current.CancellationToken);

    public Task<SocketIoClient> OpenAsync(SocketIoTransport transport = SocketIoTransport.WebSocket) =>
        SocketIoClient.OpenAsync(Url, transport, cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Hub.Release();
        await Registry.CloseAllAsync("test is over", TimeSpan.FromSeconds(4));
        Http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Log.Dispose();
    }
}
