using Levee.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Identity.Tests;

/// <summary>The room wired as a host wires it, with a fake clock; several may share a store and a key ring, as restarts do.</summary>
internal sealed class IdentityHost : IDisposable
{
    public const string Secret1 = "6f1a1c0de0000000000000000000000000000000000000000000000000000001";
    public const string Secret2 = "6f1a1c0de0000000000000000000000000000000000000000000000000000002";

    private readonly ServiceProvider _services;

    private IdentityHost(ServiceProvider services, FakeTimeProvider clock)
    {
        _services = services;
        Clock = clock;
    }

    public FakeTimeProvider Clock { get; }

    public TenantDirectory Tenants => _services.GetRequiredService<TenantDirectory>();

    public RevocationList Revocations => _services.GetRequiredService<RevocationList>();

    public AdminKey AdminKey => _services.GetRequiredService<AdminKey>();

    public TokenVerifier Verifier => _services.GetRequiredService<TokenVerifier>();

    public TokenMinter Minter => _services.GetRequiredService<TokenMinter>();

    public IStartupValidator StartupValidator => _services.GetRequiredService<IStartupValidator>();

    /// <summary>A host with the tenant <c>acme</c> (both secrets configured) that is loaded.</summary>
    public static Task<IdentityHost> StartWithAcmeAsync(params (string Key, string Value)[] settings) => StartAsync(
        settings:
        [
            ("Levee:Identity:Tenants:0:Id", "acme"),
            ("Levee:Identity:Tenants:0:Secret1", Secret1),
            ("Levee:Identity:Tenants:0:Secret2", Secret2),
            .. settings,
        ]);

    public static async Task<IdentityHost> StartAsync(
        string environment = "Production",
        ITenantStore? store = null,
        IDataProtectionProvider? keys = null,
        IRevocationStore? revocations = null,
        params (string Key, string Value)[] settings)
    {
        var host = Build(environment, store, keys, revocations, settings);
        host.StartupValidator.Validate();
        await host.Tenants.LoadAsync(TestContext.Current.CancellationToken);
        await host.Revocations.LoadAsync(TestContext.Current.CancellationToken);
        return host;
    }

    public static IdentityHost Build(
        string environment = "Production",
        ITenantStore? store = null,
        IDataProtectionProvider? keys = null,
        IRevocationStore? revocations = null,
        params (string Key, string Value)[] settings)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton<IHostEnvironment>(new FixedEnvironment(environment));
        services.AddSingleton(store ?? new InMemoryTenantStore());
        services.AddSingleton(revocations ?? new InMemoryRevocationStore());
        services.AddLeveeIdentity(configuration);
        services.AddSingleton(keys ?? new EphemeralDataProtectionProvider());
        return new IdentityHost(services.BuildServiceProvider(), clock);
    }

    public void Dispose() => _services.Dispose();

    private sealed class FixedEnvironment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "Levee.Identity.Tests";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
