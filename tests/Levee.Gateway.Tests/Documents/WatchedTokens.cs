using Levee.Gateway.Documents;
using Levee.Identity;
using Levee.Storage;
using Levee.Testing.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.Documents;

/// <summary>A token watch with identity behind it, by a clock of its own.</summary>
internal sealed class WatchedTokens : IDisposable
{
    private const string Secret = "7f3b9f51c2a84d0e9b6a5c1d2e3f40517f3b9f51c2a84d0e9b6a5c1d2e3f4051";

    private readonly ServiceProvider _services;

    private WatchedTokens(ServiceProvider services, FakeTimeProvider clock)
    {
        _services = services;
        Clock = clock;
    }

    public FakeTimeProvider Clock { get; }

    public TokenWatch Watch => _services.GetRequiredService<TokenWatch>();

    public RevocationList Revocations => _services.GetRequiredService<RevocationList>();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<WatchedTokens> StartAsync(params (string Key, string Value)[] settings)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var store = new MemoryDocumentStore();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton<IHostEnvironment>(new Production());
        services.AddSingleton<ITenantStore>(store);
        services.AddSingleton<IRevocationStore>(store);
        services.AddSingleton<TokenWatch>();
        services.AddLeveeIdentity(new ConfigurationBuilder().AddInMemoryCollection(
        [
            KeyValuePair.Create("Levee:Identity:Tenants:0:Id", (string?)"acme"),
            KeyValuePair.Create("Levee:Identity:Tenants:0:Secret1", (string?)Secret),
            KeyValuePair.Create("Levee:Identity:Tenants:1:Id", (string?)"other"),
            KeyValuePair.Create("Levee:Identity:Tenants:1:Secret1", (string?)Secret),
            .. settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)),
        ]).Build());
        var tokens = new WatchedTokens(services.BuildServiceProvider(), clock);
        await tokens._services.GetRequiredService<TenantDirectory>().LoadAsync(Ct);
        await tokens.Revocations.LoadAsync(Ct);
        return tokens;
    }

    /// <summary>The claims of a token that was made just now.</summary>
    public TokenClaims Claims(TimeSpan? life = null, string user = "u1", string tenant = "acme")
    {
        var token = _services.GetRequiredService<TokenMinter>()
            .FullAccess(_services.GetRequiredService<TenantDirectory>().Find(tenant)!, "d", TokenUser.Create(user), life);
        return Assert.IsType<TokenClaims>(
            _services.GetRequiredService<TokenVerifier>().Verify(token, tenant, "d", RequiredScopes.None));
    }

    public Task<RevocationOutcome> RevokeAsync(RevocationRequest request) => Revocations.RevokeAsync(request, Ct);

    public void Dispose() => _services.Dispose();

    private sealed class Production : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = Environments.Production;

        public string ApplicationName { get; set; } = "Levee.Gateway.Tests";

        public string ContentRootPath { get; set; } = AppContext.BaseDirectory;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
