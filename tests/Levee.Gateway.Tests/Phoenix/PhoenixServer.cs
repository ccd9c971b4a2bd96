using Levee.Gateway.Phoenix;
using Levee.Gateway.Sockets;
using Levee.Gateway.Tests.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>A real web server on a free port that serves <see cref="EchoChannel"/> at <c>echo:</c>.</summary>
public sealed class PhoenixServer : IAsyncDisposable
{
    public static readonly TimeSpan Patience = Eventually.Patience;

    private readonly WebApplication _app;

    private PhoenixServer(WebApplication app) => _app = app;

    public EchoHub Hub => _app.Services.GetRequiredService<EchoHub>();

    public SocketRegistry Registry => _app.Services.GetRequiredService<SocketRegistry>();

    public Uri HttpAddress => new(_app.Urls.First());

    public Uri SocketAddress(string? vsn) =>
        new($"ws://{HttpAddress.Authority}/socket/websocket{(vsn is null ? "" : $"?vsn={vsn}")}");

    public static async Task<PhoenixServer> StartAsync(Action<PhoenixOptions>? configure = null, TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddSingleton<EchoHub>();
        builder.Services.AddPhoenix(configure)
            .AddChannel<EchoChannel>("echo:")
            .AddChannel("broken:", (_, _) => throw new InvalidOperationException("no channel"));
        var app = builder.Build();
        app.MapPhoenixSocket("/socket/websocket");
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new PhoenixServer(app);
    }

    public Task<PhoenixTestClient> ConnectAsync(string? vsn) => PhoenixTestClient.ConnectAsync(SocketAddress(vsn), vsn);

    public async ValueTask DisposeAsync()
    {
        await Registry.CloseAllAsync("test is over", TimeSpan.FromSeconds(4));
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
