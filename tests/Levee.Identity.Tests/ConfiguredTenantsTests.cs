using Levee.Storage;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Levee.Identity.Tests;

public sealed class ConfiguredTenantsTests
{
    private readonly InMemoryTenantStore _store = new();
    private readonly EphemeralDataProtectionProvider _keys = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Registers_the_tenant_of_the_environment_and_keeps_its_second_secret_across_restarts()
    {
        using var first = await StartAsync(("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", IdentityHost.Secret1));
        var tenant = Assert.Single(first.Tenants.All);
        Assert.Equal(
            ("acme", "acme", IdentityHost.Secret1, TenantOrigin.Configured),
            (tenant.Id, tenant.Name, tenant.Secret1, tenant.Origin));
        Assert.Matches("^[0-9a-f]{64}$", tenant.Secret2);

        using var second = await StartAsync(("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", IdentityHost.Secret1));
        Assert.Equal(tenant.Secret2, Assert.Single(second.Tenants.All).Secret2);
        Assert.Equal(1, _store.Saves);
        Assert.True(Assert.Single(_store.Rows).ProtectedSecret1.IsEmpty);
    }

    [Fact]
    public async Task Regenerates_only_the_secret_that_is_not_configured()
    {
        using var first = await StartAsync(("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", IdentityHost.Secret1));

        Assert.Equal(TenantRefusal.Configured, Refusal(await first.Tenants.RegenerateSecretAsync("acme", 1, Token)));
        Assert.Equal(TenantRefusal.Configured, Refusal(await first.Tenants.DeleteAsync("acme", Token)));
        var changed = Assert.IsType<TenantChanged>(await first.Tenants.RegenerateSecretAsync("acme", 2, Token)).Tenant;

        using var second = await StartAsync(("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", IdentityHost.Secret1));
        Assert.Equal(changed.Secret2, second.Tenants.Find("acme")!.Secret2);
    }

    [Fact]
    public async Task Stores_nothing_when_both_secrets_are_configured()
    {
        using var host = await StartAsync(Section("acme", IdentityHost.Secret1, IdentityHost.Secret2));

        Assert.Equal(IdentityHost.Secret2, host.Tenants.Find("acme")!.Secret2);
        Assert.Empty(_store.Rows);
        Assert.Equal(TenantRefusal.Configured, Refusal(await host.Tenants.RegenerateSecretAsync("acme", 2, Token)));
    }

    [Fact]
    public async Task Ends_access_when_a_tenant_leaves_the_configuration()
    {
        using (await StartAsync(("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", IdentityHost.Secret1)))
        {
            Assert.Single(_store.Rows);
        }

        using var without = await StartAsync();

        Assert.Null(without.Tenants.Find("acme"));
    }

    [Fact]
    public async Task Lets_the_configuration_win_over_a_stored_tenant_and_gives_it_back()
    {
        using var first = await StartAsync();
        var stored = Assert.IsType<TenantChanged>(await first.Tenants.CreateAsync("Acme", Token)).Tenant;

        using var configured = await StartAsync(Section(stored.Id, IdentityHost.Secret1));
        var tenant = configured.Tenants.Find(stored.Id)!;
        Assert.Equal((IdentityHost.Secret1, stored.Secret2), (tenant.Secret1, tenant.Secret2));

        using var last = await StartAsync();
        Assert.Equal(stored.Secret1, last.Tenants.Find(stored.Id)!.Secret1);
    }

    [Fact]
    public async Task Has_the_built_in_tenants_in_Development_only()
    {
        using var development = await StartInAsync("Development");
        using var production = await StartInAsync("Production");
        using var staging = await StartInAsync("Staging");

        Assert.Equal(
            [
                ("dev-tenant", "levee-dev-secret-change-in-production", false),
                ("fluid", "dev-tenant-secret-key", false),
                ("local", "local", true),
                ("sandbag", "dev-tenant-secret-key", false),
                ("tinylicious", "12345", false),
            ],
            development.Tenants.All.Select(tenant => (tenant.Id, tenant.Secret1, tenant.AcceptsAnyKey)));
        Assert.Empty(production.Tenants.All);
        Assert.Empty(staging.Tenants.All);
        Assert.Empty(_store.Rows);
        Assert.Equal(TenantRefusal.BuiltIn, Refusal(await development.Tenants.RegenerateSecretAsync("fluid", 1, Token)));
        Assert.Equal(TenantRefusal.BuiltIn, Refusal(await development.Tenants.DeleteAsync("fluid", Token)));
    }

    [Fact]
    public async Task Takes_any_key_for_the_local_tenant_but_not_any_algorithm_or_time()
    {
        using var host = await StartInAsync("Development");
        var claims = Jwt.Claims(host, "doc:read");
        claims["tenantId"] = "local";

        Assert.IsType<TokenClaims>(Verify(Jwt.Sign(claims.ToJsonString(), "whatever")));
        Assert.Equal(
            TokenFailureReason.InvalidToken,
            Assert.IsType<TokenFailure>(Verify(Jwt.Sign(claims.ToJsonString(), "x", """{"alg":"none"}"""))).Reason);
        host.Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(
            TokenFailureReason.TokenExpired,
            Assert.IsType<TokenFailure>(Verify(Jwt.Sign(claims.ToJsonString(), "whatever"))).Reason);

        TokenOutcome Verify(string token) => host.Verifier.Verify(token, "local", "d", RequiredScopes.ReadMode);
    }

    [Theory]
    [InlineData("Production", "levee-dev-secret-change-in-production")]
    [InlineData("Production", "dev-tenant-secret-key")]
    [InlineData("Production", "12345")]
    [InlineData("Staging", "12345")]
    public async Task Refuses_to_start_with_a_development_key_outside_Development(string environment, string key)
    {
        var fromSection = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartInAsync(environment, Section("acme", key)));
        var fromSecond = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartInAsync(environment, Section("acme", IdentityHost.Secret1, key)));
        var fromEnvironment = await Assert.ThrowsAsync<OptionsValidationException>(
            () => StartInAsync(environment, ("LEVEE_TENANT_ID", "acme"), ("LEVEE_TENANT_KEY", key)));

        ExpectAdvice("Levee:Identity:Tenants:0:Secret1", fromSection);
        ExpectAdvice("Levee:Identity:Tenants:0:Secret2", fromSecond);
        ExpectAdvice("LEVEE_TENANT_KEY", fromEnvironment);

        void ExpectAdvice(string setting, OptionsValidationException refusal)
        {
            var problem = Assert.Single(refusal.Failures);
            Assert.StartsWith($"{setting} is a development key that everybody knows", problem, StringComparison.Ordinal);
            Assert.Contains("openssl rand -hex 32", problem, StringComparison.Ordinal);
            Assert.DoesNotContain(key, problem, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SecretSlot.First)]
    [InlineData(SecretSlot.Second)]
    public async Task Refuses_to_start_with_a_stored_development_key_outside_Development(SecretSlot slot)
    {
        var known = ProtectFor("acme", slot, "dev-tenant-secret-key");
        var other = ProtectFor("acme", slot is SecretSlot.First ? SecretSlot.Second : SecretSlot.First, IdentityHost.Secret1);
        var row = slot is SecretSlot.First
            ? new StoredTenant("acme", "Acme", known, other)
            : new StoredTenant("acme", "Acme", other, known);
        await _store.SaveTenantAsync(row, Token);

        var refusal = await Assert.ThrowsAsync<TenantLoadException>(() => StartInAsync("Production"));
        using var development = await StartInAsync("Development");

        Assert.Contains($"stored secret {(int)slot} of tenant 'acme' is a development key", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("regenerate or delete the tenant", refusal.Message, StringComparison.Ordinal);
        Assert.NotNull(development.Tenants.Find("acme"));
    }

    [Theory]
    [InlineData("", IdentityHost.Secret1, "Levee:Identity:Tenants:0:Id must have 1 to 128")]
    [InlineData("a:b", IdentityHost.Secret1, "Levee:Identity:Tenants:0:Id must have 1 to 128")]
    [InlineData("acme", "", "Levee:Identity:Tenants:0:Secret1 is missing")]
    [InlineData("acme", "too-short-for-production", "Levee:Identity:Tenants:0:Secret1 has 24 characters, but must have 32 to 512")]
    [InlineData("acme", "thirty-two characters with spaces", "Levee:Identity:Tenants:0:Secret1 must not contain white space")]
    public async Task Names_the_setting_that_is_wrong(string id, string secret, string problem)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(Section(id, secret)));

        Assert.StartsWith(problem, Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("LEVEE_TENANT_ID", "acme", "LEVEE_TENANT_KEY is missing")]
    [InlineData("LEVEE_TENANT_KEY", IdentityHost.Secret1, "LEVEE_TENANT_ID must have 1 to 128")]
    [InlineData("Levee:Identity:ClockSkew", "00:05:01", "Levee:Identity:ClockSkew must be from")]
    [InlineData("Levee:Identity:ClockSkew", "-00:00:01", "Levee:Identity:ClockSkew must be from")]
    [InlineData("Levee:Identity:MaximumTokenLength", "1023", "Levee:Identity:MaximumTokenLength must be from")]
    [InlineData("Levee:Identity:MaximumTokenLength", "65537", "Levee:Identity:MaximumTokenLength must be from")]
    public async Task Names_the_single_setting_that_is_wrong(string key, string value, string problem)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync((key, value)));

        Assert.StartsWith(problem, Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refuses_a_tenant_that_is_configured_twice()
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(
        [
            .. Section("acme", IdentityHost.Secret1),
            ("LEVEE_TENANT_ID", "acme"),
            ("LEVEE_TENANT_KEY", IdentityHost.Secret2),
        ]));

        Assert.Contains("'acme' is configured twice", Assert.Single(refusal.Failures), StringComparison.Ordinal);
    }

    private static (string Key, string Value)[] Section(string id, string secret1, string? secret2 = null)
    {
        (string, string)[] first =
        [
            ("Levee:Identity:Tenants:0:Id", id),
            ("Levee:Identity:Tenants:0:Secret1", secret1),
        ];
        return secret2 is null ? first : [.. first, ("Levee:Identity:Tenants:0:Secret2", secret2)];
    }

    // The purpose strings are written out: stored secrets depend on them, so a change must break a test.
    private byte[] ProtectFor(string tenantId, SecretSlot slot, string secret) => _keys
        .CreateProtector("Levee.Identity.TenantSecret.v1", tenantId, slot is SecretSlot.First ? "1" : "2")
        .Protect(System.Text.Encoding.UTF8.GetBytes(secret));

    private static TenantRefusal Refusal(TenantOutcome outcome) => Assert.IsType<TenantRefused>(outcome).Refusal;

    private Task<IdentityHost> StartAsync(params (string Key, string Value)[] settings) =>
        StartInAsync("Production", settings);

    private Task<IdentityHost> StartInAsync(string environment, params (string Key, string Value)[] settings) =>
        IdentityHost.StartAsync(environment, _store, _keys, settings: settings);
}
