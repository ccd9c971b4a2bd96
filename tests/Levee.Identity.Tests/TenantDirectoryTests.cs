using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Levee.Identity.Tests;

public sealed class TenantDirectoryTests : IDisposable
{
    private static readonly TokenUser Ada = TokenUser.Create("u1");

    private readonly InMemoryTenantStore _store = new();
    private readonly DirectoryInfo _keyRing = Directory.CreateTempSubdirectory("levee-keys-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _keyRing.Delete(recursive: true);

    [Fact]
    public async Task Creates_a_tenant_with_a_readable_id_and_two_secrets()
    {
        using var host = await StartAsync();

        var tenant = Changed(await host.Tenants.CreateAsync("The Acme Company", Token));

        Assert.Matches("^[a-z]+-[a-z]+-[a-z]+$", tenant.Id);
        Assert.True(TenantId.IsValid(tenant.Id));
        Assert.Equal("The Acme Company", tenant.Name);
        Assert.Matches("^[0-9a-f]{64}$", tenant.Secret1);
        Assert.Matches("^[0-9a-f]{64}$", tenant.Secret2);
        Assert.NotEqual(tenant.Secret1, tenant.Secret2);
        Assert.Same(tenant, host.Tenants.Find(tenant.Id));
        Assert.Equal([tenant], host.Tenants.All);
    }

    [Fact]
    public async Task Stores_no_secret_in_the_clear_and_reads_it_back_after_a_restart()
    {
        Tenant tenant;
        using (var first = await StartAsync())
        {
            tenant = Changed(await first.Tenants.CreateAsync("Acme", Token));
        }

        using var second = await StartAsync();
        var again = Assert.Single(second.Tenants.All);

        Assert.Equal(
            (tenant.Id, tenant.Name, tenant.Secret1, tenant.Secret2, TenantOrigin.Created),
            (again.Id, again.Name, again.Secret1, again.Secret2, again.Origin));
        var row = Assert.Single(_store.Rows);
        foreach (var stored in new[] { row.ProtectedSecret1, row.ProtectedSecret2 })
        {
            foreach (var secret in new[] { tenant.Secret1, tenant.Secret2 })
            {
                Assert.Equal(-1, stored.Span.IndexOf(Encoding.UTF8.GetBytes(secret)));
                Assert.Equal(-1, stored.Span.IndexOf(Encoding.Unicode.GetBytes(secret)));
                Assert.Equal(-1, stored.Span.IndexOf(Convert.FromHexString(secret)));
            }
        }
    }

    [Fact]
    public async Task Refuses_to_start_without_the_key_ring()
    {
        using (var first = await StartAsync())
        {
            Changed(await first.Tenants.CreateAsync("Acme", Token));
        }

        var failure = await Assert.ThrowsAsync<TenantLoadException>(
            () => IdentityHost.StartAsync(store: _store, keys: new EphemeralDataProtectionProvider()));

        Assert.Contains("key ring", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_ciphertext_moved_to_another_tenant_or_slot()
    {
        using (var first = await StartAsync())
        {
            Changed(await first.Tenants.CreateAsync("Acme", Token));
        }

        var row = Assert.Single(_store.Rows);
        await _store.SaveTenantAsync(row with { ProtectedSecret2 = row.ProtectedSecret1 }, Token);
        await Assert.ThrowsAsync<TenantLoadException>(() => StartAsync());
        await _store.DeleteTenantAsync(row.Id, Token);
        await _store.SaveTenantAsync(row with { Id = "rival" }, Token);
        await Assert.ThrowsAsync<TenantLoadException>(() => StartAsync());
    }

    [Fact]
    public async Task Regenerates_one_secret_after_the_other_without_an_outage()
    {
        using var host = await StartAsync();
        var old = Changed(await host.Tenants.CreateAsync("Acme", Token));
        var signedWithOldFirst = host.Minter.ReadOnly(old, "d", Ada);

        // The application moves to the second secret while the first is replaced, and back.
        var afterFirst = Changed(await host.Tenants.RegenerateSecretAsync(old.Id, 1, Token));
        Assert.Equal(old.Secret2, afterFirst.Secret2);
        Assert.NotEqual(old.Secret1, afterFirst.Secret1);
        Assert.Equal(TokenFailureReason.InvalidSignature, Verify(host, old.Id, signedWithOldFirst));
        Assert.Null(Verify(host, old.Id, Signed(old.Secret2)));
        Assert.Null(Verify(host, old.Id, host.Minter.ReadOnly(afterFirst, "d", Ada)));

        var afterSecond = Changed(await host.Tenants.RegenerateSecretAsync(old.Id, 2, Token));
        Assert.Equal(afterFirst.Secret1, afterSecond.Secret1);
        Assert.Equal(TokenFailureReason.InvalidSignature, Verify(host, old.Id, Signed(old.Secret2)));
        Assert.Null(Verify(host, old.Id, Signed(afterSecond.Secret2)));

        using var restarted = await StartAsync();
        var kept = Assert.Single(restarted.Tenants.All);
        Assert.Equal((afterSecond.Secret1, afterSecond.Secret2), (kept.Secret1, kept.Secret2));

        string Signed(string secret) => host.Minter.ReadOnly(new Tenant(old.Id, "", secret, secret), "d", Ada);
    }

    [Fact]
    public async Task Deletes_a_tenant_for_good()
    {
        using var host = await StartAsync();
        var tenant = Changed(await host.Tenants.CreateAsync("Acme", Token));

        Changed(await host.Tenants.DeleteAsync(tenant.Id, Token));

        Assert.Equal(TokenFailureReason.UnknownTenant, Verify(host, tenant.Id, host.Minter.ReadOnly(tenant, "d", Ada)));
        Assert.Empty(_store.Rows);
        Assert.Equal(TenantRefusal.NotFound, Refusal(await host.Tenants.DeleteAsync(tenant.Id, Token)));
        Assert.Equal(TenantRefusal.NotFound, Refusal(await host.Tenants.RegenerateSecretAsync(tenant.Id, 1, Token)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("a\nb")]
    public async Task Refuses_a_name_of_the_wrong_form(string name)
    {
        using var host = await StartAsync();

        Assert.Equal(TenantRefusal.InvalidName, Refusal(await host.Tenants.CreateAsync(name, Token)));
        Assert.Equal(
            TenantRefusal.InvalidName,
            Refusal(await host.Tenants.CreateAsync(new string('x', TenantName.MaximumLength + 1), Token)));
        Assert.Equal(0, _store.Saves);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Refuses_a_slot_that_does_not_exist(int slot)
    {
        using var host = await StartAsync();
        var tenant = Changed(await host.Tenants.CreateAsync("Acme", Token));

        Assert.Equal(TenantRefusal.InvalidSlot, Refusal(await host.Tenants.RegenerateSecretAsync(tenant.Id, slot, Token)));
    }

    [Fact]
    public async Task Shows_nothing_that_the_store_did_not_take()
    {
        using var host = await StartAsync();
        var tenant = Changed(await host.Tenants.CreateAsync("Acme", Token));
        _store.IsBroken = true;

        await Assert.ThrowsAsync<IOException>(() => host.Tenants.CreateAsync("Other", Token));
        await Assert.ThrowsAsync<IOException>(() => host.Tenants.RegenerateSecretAsync(tenant.Id, 1, Token));
        await Assert.ThrowsAsync<IOException>(() => host.Tenants.DeleteAsync(tenant.Id, Token));
        Assert.Same(tenant, Assert.Single(host.Tenants.All));

        _store.IsBroken = false;
        Assert.NotNull(Changed(await host.Tenants.RegenerateSecretAsync(tenant.Id, 1, Token)));
    }

    [Fact]
    public async Task Loses_no_change_made_at_the_same_time()
    {
        using var host = await StartAsync();

        var made = await Task.WhenAll(
            Enumerable.Range(0, 50).Select(n => Task.Run(() => host.Tenants.CreateAsync($"Tenant {n}", Token), Token)));

        Assert.Equal(50, made.Select(outcome => Changed(outcome).Id).Distinct().Count());
        Assert.Equal(50, host.Tenants.All.Count);
        Assert.Equal(50, _store.Rows.Count);
    }

    [Fact]
    public void Says_when_it_is_asked_before_it_is_loaded()
    {
        using var host = IdentityHost.Build();

        Assert.Throws<InvalidOperationException>(() => host.Tenants.Find("acme"));
    }

    [Fact]
    public void Never_prints_a_secret()
    {
        Assert.Equal("acme", new Tenant("acme", "Acme", "secret-one", "secret-two").ToString());
    }

    private Task<IdentityHost> StartAsync() =>
        IdentityHost.StartAsync(store: _store, keys: DataProtectionProvider.Create(_keyRing));

    private static Tenant Changed(TenantOutcome outcome) => Assert.IsType<TenantChanged>(outcome).Tenant;

    private static TenantRefusal Refusal(TenantOutcome outcome) => Assert.IsType<TenantRefused>(outcome).Refusal;

    private static TokenFailureReason? Verify(IdentityHost host, string tenantId, string token) =>
        (host.Verifier.Verify(token, tenantId, "d", RequiredScopes.ReadMode) as TokenFailure)?.Reason;
}
