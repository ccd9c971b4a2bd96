using Levee.Client;
using Levee.Server;
using Levee.Storage;
using Levee.Storage.Sqlite;
using Levee.Testing.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Levee.Testing;

/// <summary>
/// A real server in this process, on a free port of 127.0.0.1, with a data directory of its own that goes when it is disposed:
/// <c>await using var server = await LeveeTestServer.StartAsync();</c>. It runs as Development, so that <see cref="TestTenants"/> exist.
/// </summary>
public sealed class LeveeTestServer : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly CapturedLog _log = new();
    private readonly string[] _settings;
    private WebApplication? _app;

    private LeveeTestServer(IReadOnlyDictionary<string, string>? settings) =>
        _settings = [.. (settings ?? new Dictionary<string, string>()).Select(setting => $"--{setting.Key}={setting.Value}")];

    /// <summary>Where it listens, such as <c>http://127.0.0.1:40123</c>; the same after a restart.</summary>
    public Uri Url { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Where it keeps its data; the same after a restart.</summary>
    public string DataDirectory => _directory.Path;

    /// <summary>The last lines that it logged, over all its restarts, to show when a test fails.</summary>
    public string Log => _log.Text;

    /// <summary>The running server's services.</summary>
    /// <exception cref="InvalidOperationException">It is stopped.</exception>
    public IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The server is stopped.");

    /// <summary>Its store, which fails or stalls when a test says so.</summary>
    /// <exception cref="InvalidOperationException">It is stopped.</exception>
    public FaultyDocumentStore Storage => Services.GetRequiredService<FaultyDocumentStore>();

    /// <summary>Starts a server.</summary>
    /// <param name="settings">Settings by name, such as <c>Levee:Sessions:IdleUnloadTimeout</c>, as on the command line.</param>
    /// <param name="cancellationToken">Gives up the start.</param>
    public static async Task<LeveeTestServer> StartAsync(
        IReadOnlyDictionary<string, string>? settings = null, CancellationToken cancellationToken = default)
    {
        var server = new LeveeTestServer(settings);
        try
        {
            await server.StartAgainAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/>, on the same port and data.</summary>
    /// <exception cref="InvalidOperationException">It is running.</exception>
    public async Task StartAgainAsync(CancellationToken cancellationToken = default)
    {
        if (_app is not null)
        {
            throw new InvalidOperationException("The server is running.");
        }

        var app = LeveeServer.Build(
        [
            "--urls", Url.GetLeftPart(UriPartial.Authority), "--data", DataDirectory, "--environment", Environments.Development,
            "--Logging:Console:LogLevel:Default=None", "--Logging:LogLevel:Levee=Debug", .. _settings,
        ],
        AddFaults);
        app.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
        _app = app;
        await app.StartAsync(cancellationToken);
        Url = new Uri(app.Urls.First());
    }

    /// <summary>Stops it as <c>Ctrl-C</c> does. Stopping twice is no error.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (_app is { } app)
        {
            _app = null;
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
        }
    }

    /// <summary>Stops it and starts it again, on the same port and data.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await StartAgainAsync(cancellationToken);
    }

    /// <summary>A client of a test tenant that may do everything, with a fresh token for each request.</summary>
    /// <param name="change">Changes its options.</param>
    /// <param name="tenant">The tenant; <see cref="TestTenants.Default"/> when absent.</param>
    public LeveeClient CreateClient(Func<LeveeClientOptions, LeveeClientOptions>? change = null, TestTenant? tenant = null)
    {
        var of = tenant ?? TestTenants.Default;
        var options = new LeveeClientOptions
        {
            ServerUrl = Url,
            TenantId = of.Id,
            TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.FullAccess(documentId, tenant: of)),
            MinReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(500),
        };
        return new LeveeClient(change is null ? options : change(options));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _log.Dispose();
        _directory.Dispose();
    }

    private static void AddFaults(IServiceCollection services)
    {
        services.AddSingleton(provider =>
        {
            var store = provider.GetRequiredService<SqliteDocumentStore>();
            return new FaultyDocumentStore(store, store, store);
        });
        services.AddSingleton<IDocumentStore>(provider => provider.GetRequiredService<FaultyDocumentStore>());
        services.AddSingleton<ITenantStore>(provider => provider.GetRequiredService<FaultyDocumentStore>());
        services.AddSingleton<IRevocationStore>(provider => provider.GetRequiredService<FaultyDocumentStore>());
        services.AddSingleton<IStorageHealth>(provider => provider.GetRequiredService<FaultyDocumentStore>());
    }
}
