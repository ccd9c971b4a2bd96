using System.Collections.Immutable;
using Levee.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>
/// The tenants that exist: those of the store, those of the configuration (which win over stored ones of the same id) and, in
/// Development only, the built-in ones. Reading is lock-free and may happen on any thread; changes happen one at a time, and
/// are durable before they are visible.
/// </summary>
/// <remarks>
/// A configured secret is never stored. A configured tenant without a second secret has a generated one, kept as a stored
/// tenant whose first secret is empty; such a row alone makes no tenant, so leaving the configuration ends access.
/// </remarks>
public sealed partial class TenantDirectory : IDisposable
{
    private readonly ITenantStore _store;
    private readonly SecretProtection _protection;
    private readonly TenantIdGenerator _ids;
    private readonly IHostEnvironment _environment;
    private readonly ILogger<TenantDirectory> _logger;
    private readonly Dictionary<string, TenantOptions> _configured;
    private readonly SemaphoreSlim _changing = new(1, 1);
    private ImmutableDictionary<string, StoredTenant> _rows = ImmutableDictionary<string, StoredTenant>.Empty;
    private volatile ImmutableDictionary<string, Tenant>? _tenants;

    /// <summary>An empty directory; <see cref="LoadAsync"/> fills it.</summary>
    /// <param name="store">Where tenants are kept.</param>
    /// <param name="protection">Encrypts the secrets that go there; its key ring must outlive the process.</param>
    /// <param name="ids">Makes ids for new tenants.</param>
    /// <param name="options">The configured tenants, already validated.</param>
    /// <param name="environment">Decides whether the built-in tenants exist.</param>
    /// <param name="logger">Hears of changes, by id.</param>
    public TenantDirectory(
        ITenantStore store,
        IDataProtectionProvider protection,
        TenantIdGenerator ids,
        IOptions<IdentityOptions> options,
        IHostEnvironment environment,
        ILogger<TenantDirectory> logger)
    {
        _store = store;
        _protection = new SecretProtection(protection);
        _ids = ids;
        _environment = environment;
        _logger = logger;
        _configured = options.Value.Tenants.ToDictionary(tenant => tenant.Id, StringComparer.Ordinal);
    }

    /// <summary>Every tenant, ordered by id.</summary>
    public IReadOnlyList<Tenant> All => [.. Loaded.Values.OrderBy(tenant => tenant.Id, StringComparer.Ordinal)];

    private ImmutableDictionary<string, Tenant> Loaded => _tenants
        ?? throw new InvalidOperationException($"{nameof(LoadAsync)} must complete before tenants are asked for.");

    /// <summary>The tenant of that id, or <see langword="null"/>.</summary>
    /// <param name="id">Anything, also from a client; compared letter by letter.</param>
    public Tenant? Find(string id) => Loaded.GetValueOrDefault(id);

    /// <summary>Reads the store and registers the configured tenants. Called once, before the host listens.</summary>
    /// <param name="cancellationToken">Stops the start.</param>
    /// <exception cref="TenantLoadException">A stored secret must not or cannot be used; the message says what to do.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _changing.WaitAsync(cancellationToken);
        try
        {
            var stored = await _store.ListTenantsAsync(cancellationToken);
            _rows = stored.ToImmutableDictionary(row => row.Id, StringComparer.Ordinal);
            var tenants = ImmutableDictionary.CreateBuilder<string, Tenant>(StringComparer.Ordinal);
            AddBuiltIn(tenants);
            AddStored(tenants);
            foreach (var options in _configured.Values)
            {
                tenants[options.Id] = await RegisterAsync(options, cancellationToken);
            }

            _tenants = tenants.ToImmutable();
        }
        finally
        {
            _changing.Release();
        }

        Log.Loaded(
            _logger, Count(TenantOrigin.Created), Count(TenantOrigin.Configured), Count(TenantOrigin.BuiltIn));
    }

    /// <inheritdoc />
    public void Dispose() => _changing.Dispose();

    private int Count(TenantOrigin origin) => Loaded.Values.Count(tenant => tenant.Origin == origin);

    private void AddBuiltIn(ImmutableDictionary<string, Tenant>.Builder tenants)
    {
        if (_environment.IsDevelopment())
        {
            tenants.AddRange(DevelopmentTenants.All.Select(tenant => KeyValuePair.Create(tenant.Id, tenant)));
        }
    }

    private void AddStored(ImmutableDictionary<string, Tenant>.Builder tenants)
    {
        foreach (var row in _rows.Values.Where(row => !_configured.ContainsKey(row.Id)))
        {
            if (row.ProtectedSecret1.IsEmpty)
            {
                Log.NoLongerConfigured(_logger, row.Id);
                continue;
            }

            tenants[row.Id] = new Tenant(
                row.Id,
                row.Name,
                Open(row, SecretSlot.First),
                Open(row, SecretSlot.Second));
        }
    }

    private async Task<Tenant> RegisterAsync(TenantOptions options, CancellationToken cancellationToken)
    {
        var name = options.Name ?? options.Id;
        var secret2 = options.Secret2;
        if (secret2 is null && _rows.TryGetValue(options.Id, out var row))
        {
            secret2 = Open(row, SecretSlot.Second);
        }
        else if (secret2 is null)
        {
            secret2 = TenantSecret.Generate();
            var kept = new StoredTenant(
                options.Id,
                name,
                ReadOnlyMemory<byte>.Empty,
                _protection.Protect(options.Id, SecretSlot.Second, secret2));
            await SaveAsync(kept, cancellationToken);
            Log.SecondSecretGenerated(_logger, options.Id);
        }

        return new Tenant(options.Id, name, options.Secret1, secret2, TenantOrigin.Configured);
    }

    /// <summary>A stored secret in the clear, refused outside Development when everybody knows it.</summary>
    private string Open(StoredTenant row, SecretSlot slot)
    {
        var secret = _protection.Unprotect(
            row.Id, slot, slot is SecretSlot.First ? row.ProtectedSecret1 : row.ProtectedSecret2);
        if (!_environment.IsDevelopment() && DevelopmentTenants.IsKnownKey(secret))
        {
            throw new TenantLoadException(
                $"The stored secret {(int)slot} of tenant '{row.Id}' is a development key that everybody knows, and this is"
                + $" {_environment.EnvironmentName}. Start with another data directory, or start once in Development and"
                + $" regenerate or delete the tenant there.");
        }

        return secret;
    }

    private async Task SaveAsync(StoredTenant row, CancellationToken cancellationToken)
    {
        await _store.SaveTenantAsync(row, cancellationToken);
        _rows = _rows.SetItem(row.Id, row);
    }
}
