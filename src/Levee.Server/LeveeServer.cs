using Levee.Gateway.Phoenix;
using Levee.Gateway.Rest;
using Levee.Gateway.SocketIo;
using Levee.Identity;
using Levee.Sessions;
using Levee.Storage;
using Levee.Storage.Sqlite;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Levee.Server;

/// <summary>The host: configuration and wiring, nothing else.</summary>
public static class LeveeServer
{
    /// <summary>Builds and runs the server until it is told to stop.</summary>
    /// <returns>The exit code: 0 after a clean stop, 1 when the server could not start.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(Usage.Text);
            return 0;
        }

        try
        {
            await using var app = Build(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception e) when (StartFailure.Explain(e) is { } explanation)
        {
            await Console.Error.WriteLineAsync(explanation);
            return 1;
        }
    }

    /// <summary>Builds the server; it listens once it is started. Settings come from appsettings, environment and <paramref name="args"/>.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Adds services, or replaces the server's own by adding others of their kind.</param>
    /// <exception cref="SettingException">A setting that decides where to listen or to keep data is wrong.</exception>
    public static WebApplication Build(string[] args, Action<IServiceCollection>? configure = null)
    {
        // Settings that ship with the server lie beside it, wherever it is started from.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        // Why a start or a stop failed is thrown as well, and said by RunAsync in the operator's words.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        ListenAddress.Apply(builder);

        var data = DataDirectory.Resolve(builder.Configuration);
        AddServices(builder.Services, builder.Configuration, data);
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.UseLeveeRest();
        app.MapLeveeRest();
        app.MapPhoenixSocket("/socket/websocket");
        app.MapSocketIo("/socket.io/");
        return app;
    }

    private static void AddServices(IServiceCollection services, ConfigurationManager configuration, string dataPath)
    {
        services.AddSingleton(_ =>
        {
            TemporaryFiles.Require();
            return DataDirectory.Open(dataPath);
        });
        services.AddOptions<SqliteOptions>()
            .BindConfiguration(SqliteOptions.Section)
            .Configure(options => options.Path = Path.Combine(dataPath, SqliteOptions.FileName))
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.AddSingleton(OpenStore);
        services.AddSingleton<IDocumentStore>(provider => provider.GetRequiredService<SqliteDocumentStore>());
        services.AddSingleton<ITenantStore>(provider => provider.GetRequiredService<SqliteDocumentStore>());
        services.AddSingleton<IRevocationStore>(provider => provider.GetRequiredService<SqliteDocumentStore>());
        services.AddSingleton<IStorageHealth>(provider => provider.GetRequiredService<SqliteDocumentStore>());

        services.AddLeveeIdentity(configuration);
        services.AddDataProtection()
            .SetApplicationName("Levee")
            .PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(dataPath, DataLayout.Keys)));
        services.AddLeveeSessions();
        services.AddPhoenix().AddDocumentChannel(services);
        services.AddSocketIo().AddDocuments(services);
        services.AddLeveeRest();

        services.AddHostedService<ServerLifetime>();
        // Draining has its own, shorter deadlines; this is the last resort.
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
    }

    private static SqliteDocumentStore OpenStore(IServiceProvider provider)
    {
        // Two servers on one directory would fence each other for ever: the lock comes first.
        provider.GetRequiredService<DataDirectory>();
        return SqliteDocumentStore.Open(
            provider.GetRequiredService<IOptions<SqliteOptions>>().Value,
            provider.GetRequiredService<ILogger<SqliteDocumentStore>>());
    }
}
