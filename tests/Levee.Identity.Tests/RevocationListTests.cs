using System.Text.Json.Nodes;
using CsCheck;
using Levee.Protocol;
using Levee.Storage;

namespace Levee.Identity.Tests;

public sealed class RevocationListTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Refuses_a_revoked_jti_and_no_other()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        await RevokeAsync(host, new("acme", Jti: "j1"));

        var failure = Assert.IsType<TokenFailure>(Verify(host, jti: "j1"));

        Assert.Equal(
            (TokenFailureReason.TokenRevoked, "token_revoked", 401, "Token has been revoked"),
            (failure.Reason, failure.ReasonName, failure.Code, failure.Message));
        host.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.IsType<TokenFailure>(Verify(host, jti: "j1"));
        Assert.IsType<TokenClaims>(Verify(host, jti: "J1"));
        Assert.IsType<TokenClaims>(Verify(host, jti: "j10"));
        Assert.IsType<TokenClaims>(Verify(host, jti: null));
        Assert.IsType<TokenClaims>(Verify(host, user: "j1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refuses_a_users_or_tenants_tokens_of_before_and_takes_those_of_after(bool wholeTenant)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        host.Clock.Advance(TimeSpan.FromMilliseconds(300));
        var revoked = await RevokeAsync(host, new("acme", UserId: wholeTenant ? null : "u1"));

        Assert.Equal(TokenFailureReason.TokenRevoked, Assert.IsType<TokenFailure>(Verify(host, issued: -1)).Reason);
        // iat does not say whether this one is older or younger.
        Assert.Equal(TokenFailureReason.TokenRevoked, Assert.IsType<TokenFailure>(Verify(host, issued: 0)).Reason);
        Assert.Equal(TokenFailureReason.TokenRevoked, Assert.IsType<TokenFailure>(Verify(host, issued: 0.9)).Reason);
        Assert.IsType<TokenClaims>(Verify(host, issued: 1));
        Assert.Equal(host.Clock.GetUtcNow(), revoked.RevokedAt);
        Assert.Equal(host.Clock.GetUtcNow().AddMilliseconds(700), revoked.TakesEffectAt);
        Assert.Equal(!wholeTenant, Verify(host, user: "u2", issued: -1) is TokenClaims);
    }

    [Fact]
    public async Task One_tenants_revocations_are_nothing_to_another()
    {
        using var host = await StartWithTwoAsync();
        await RevokeAsync(host, new("rival", Jti: "j1"));
        await RevokeAsync(host, new("rival", UserId: "u1"));
        await RevokeAsync(host, new("rival"));

        Assert.IsType<TokenClaims>(Verify(host, jti: "j1"));
        Assert.Empty(host.Revocations.Of("acme"));
        Assert.Equal(3, host.Revocations.Of("rival").Count);
    }

    [Fact]
    public async Task Says_nothing_of_a_revocation_to_who_could_not_use_the_token_anyway()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        await RevokeAsync(host, new("acme"));
        var forged = Jwt.Sign(Claims(host, "u1", "j1", 0).ToJsonString(), "a-wrong-key-that-is-long-enough-for-hs256");
        Assert.Equal(TokenFailureReason.InvalidSignature, Failure(host.Verifier.Verify(forged, "acme", "d", RequiredScopes.None)));

        var over = Claims(host, "u1", "j1", 0);
        over["exp"] = host.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(
            TokenFailureReason.TokenExpired,
            Failure(host.Verifier.Verify(Jwt.Sign(over.ToJsonString(), IdentityHost.Secret1), "acme", "d", RequiredScopes.None)));
    }

    [Fact]
    public async Task Refuses_a_revoked_token_whatever_it_is_for()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        await RevokeAsync(host, new("acme", UserId: "u1"));
        var token = Jwt.Sign(Claims(host, "u1", null, -1).ToJsonString(), IdentityHost.Secret1);

        Assert.Equal(TokenFailureReason.TokenRevoked, Failure(host.Verifier.VerifyForTenant(token, "acme", RequiredScopes.None)));
        Assert.Equal(TokenFailureReason.TokenRevoked, Failure(host.Verifier.VerifyForCreation(token, "acme", "d", RequiredScopes.None)));
        Assert.Equal(TokenFailureReason.TokenRevoked, Failure(host.Verifier.Verify(token, "acme", "other", RequiredScopes.None)));
    }

    [Fact]
    public async Task Outlives_a_restart_and_ends_when_it_is_deleted()
    {
        var store = new InMemoryRevocationStore();
        string id;
        using (var first = await StartAsync(store))
        {
            id = (await RevokeAsync(first, new("acme", Jti: "j1", Reason: "stolen"))).Id;
        }

        using var second = await StartAsync(store);
        Assert.IsType<TokenFailure>(Verify(second, jti: "j1"));
        Assert.Equal("stolen", Assert.Single(second.Revocations.Of("acme")).Reason);
        Assert.True(await second.Revocations.DeleteAsync(id, Ct));
        Assert.False(await second.Revocations.DeleteAsync(id, Ct));
        Assert.IsType<TokenClaims>(Verify(second, jti: "j1"));
        Assert.Empty(store.Rows);
    }

    [Fact]
    public async Task Is_not_in_force_when_it_could_not_be_kept()
    {
        var store = new InMemoryRevocationStore();
        using var host = await StartAsync(store);
        store.IsBroken = true;
        await Assert.ThrowsAsync<IOException>(() => RevokeAsync(host, new("acme", Jti: "j1")));
        Assert.IsType<TokenClaims>(Verify(host, jti: "j1"));
        store.IsBroken = false;
        var kept = await RevokeAsync(host, new("acme", Jti: "j1"));
        store.IsBroken = true;
        await Assert.ThrowsAsync<IOException>(() => host.Revocations.DeleteAsync(kept.Id, Ct));
        Assert.IsType<TokenFailure>(Verify(host, jti: "j1"));
    }

    [Fact]
    public async Task Is_in_force_once_it_is_kept_also_when_who_asked_has_gone_meanwhile()
    {
        var store = new InMemoryRevocationStore();
        using var host = await StartAsync(store);
        using var asking = new CancellationTokenSource();
        store.BeforeWrite = asking.Cancel;
        await host.Revocations.RevokeAsync(new("acme", Jti: "j1"), asking.Token);
        Assert.True(asking.IsCancellationRequested);
        Assert.Single(store.Rows);
        Assert.IsType<TokenFailure>(Verify(host, jti: "j1"));
    }

    [Fact]
    public async Task Revoking_again_counts_from_now_and_never_from_before()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var first = await RevokeAsync(host, new("acme", UserId: "u1", ExpiresAt: host.Clock.GetUtcNow().AddHours(1), Reason: "a"));
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        var outcome = Assert.IsType<TokensRevoked>(await host.Revocations.RevokeAsync(new("acme", UserId: "u1"), Ct));

        Assert.False(outcome.IsNew);
        Assert.Equal((first.Id, null, null), (outcome.Revocation.Id, outcome.Revocation.ExpiresAt, outcome.Revocation.Reason));
        Assert.Equal(first.RevokedAt.AddSeconds(10), outcome.Revocation.RevokedAt);
        Assert.Single(host.Revocations.Of("acme"));
        Assert.IsType<TokenFailure>(Verify(host, issued: -1));

        // A clock that an operator sets back.
        host.Clock.AdjustTime(host.Clock.GetUtcNow().AddSeconds(-30));
        Assert.Equal(outcome.Revocation.RevokedAt, (await RevokeAsync(host, new("acme", UserId: "u1"))).RevokedAt);
    }

    [Fact]
    public async Task Is_forgotten_when_no_token_of_it_is_alive_and_makes_room()
    {
        var store = new InMemoryRevocationStore();
        using var host = await StartAsync(store, ("Levee:Identity:ClockSkew", "00:01:00"), ("Levee:Identity:MaximumRevocations", "2"));
        var expires = host.Clock.GetUtcNow().AddMinutes(10);
        await RevokeAsync(host, new("acme", Jti: "j1", ExpiresAt: expires));
        await RevokeAsync(host, new("acme", Jti: "j2"));
        host.Clock.Advance(TimeSpan.FromMinutes(11) - TimeSpan.FromMilliseconds(1));
        Assert.IsType<TokenFailure>(Verify(host, jti: "j1"));
        Assert.Equal(RevocationRefusal.TooMany, Refusal(await host.Revocations.RevokeAsync(new("acme", Jti: "j3"), Ct)));
        // What is there already needs no room.
        await RevokeAsync(host, new("acme", Jti: "j2"));

        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.IsType<TokenClaims>(Verify(host, jti: "j1"));
        Assert.Single(host.Revocations.Of("acme"));
        await RevokeAsync(host, new("acme", Jti: "j3"));
        Assert.Equal(["j2", "j3"], store.Rows.Select(row => row.Subject).Order());
    }

    [Fact]
    public async Task A_start_forgets_what_has_expired()
    {
        var store = new InMemoryRevocationStore();
        using (var first = await StartAsync(store))
        {
            await RevokeAsync(first, new("acme", Jti: "j1"));
        }

        var old = DateTimeOffset.UnixEpoch;
        await store.SaveRevocationAsync(new StoredRevocation("acme", RevocationKind.Token, "j0", "r0", old, old.AddDays(1), null), Ct);
        using var second = await StartAsync(store);
        Assert.Equal("j1", Assert.Single(store.Rows).Subject);
    }

    [Fact]
    public async Task Refuses_what_can_not_be_revoked_by_name()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var now = host.Clock.GetUtcNow();
        (RevocationRequest Request, RevocationRefusal Refusal)[] rows =
        [
            (new("nobody"), RevocationRefusal.UnknownTenant),
            (new("acme", Jti: "j", UserId: "u"), RevocationRefusal.InvalidSubject),
            (new("acme", Jti: ""), RevocationRefusal.InvalidSubject),
            (new("acme", UserId: ""), RevocationRefusal.InvalidSubject),
            (new("acme", UserId: "\ud800"), RevocationRefusal.InvalidSubject),
            (new("acme", Jti: new string('j', 1025)), RevocationRefusal.InvalidSubject),
            (new("acme", Reason: new string('r', 513)), RevocationRefusal.InvalidSubject),
            (new("acme", Jti: "j", ExpiresAt: now), RevocationRefusal.AlreadyExpired),
        ];
        foreach (var (request, refusal) in rows)
        {
            Assert.Equal(refusal, Refusal(await host.Revocations.RevokeAsync(request, Ct)));
        }

        Assert.Empty(host.Revocations.Of("acme"));
        await RevokeAsync(host, new("acme", Jti: new string('j', 1024), Reason: new string('r', 512), ExpiresAt: now.AddMilliseconds(1)));
    }

    [Fact]
    public async Task Verifies_nothing_before_it_is_loaded()
    {
        using var host = IdentityHost.Build(settings:
        [
            ("Levee:Identity:Tenants:0:Id", "acme"), ("Levee:Identity:Tenants:0:Secret1", IdentityHost.Secret1),
        ]);
        await host.Tenants.LoadAsync(Ct);
        Assert.Throws<InvalidOperationException>(() => Verify(host));
    }

    /// <summary>Against the plainest model: a list of what was revoked, looked through for each token.</summary>
    [Fact]
    public async Task Refuses_just_the_tokens_that_a_plain_list_of_revocations_names()
    {
        var names = Gen.OneOf<string?>(null, "a", "b");
        var steps = Gen.Select(Gen.Int[0, 2], names, names, Gen.Int[0, 2500]).Array[1, 12];

        await steps.SampleAsync(
            async sequence =>
            {
                using var host = await IdentityHost.StartWithAcmeAsync();
                var model = new List<(string? Jti, string? User, long Second)>();
                foreach (var (kind, jti, user, wait) in sequence)
                {
                    host.Clock.Advance(TimeSpan.FromMilliseconds(wait));
                    var request = new RevocationRequest("acme", kind == 0 ? jti : null, kind == 1 ? user : null);
                    await RevokeAsync(host, request);
                    model.Add((request.Jti, request.UserId, host.Clock.GetUtcNow().ToUnixTimeSeconds()));
                    foreach (var issued in new[] { -2, -1, 0, 1 })
                    {
                        var at = host.Clock.GetUtcNow().ToUnixTimeSeconds() + issued;
                        var isRevoked = model.Any(entry => entry switch
                        {
                            { Jti: { } one } => one == jti,
                            { User: { } one } => one == (user ?? "c") && at <= entry.Second,
                            _ => at <= entry.Second,
                        });
                        Assert.Equal(isRevoked, Verify(host, user ?? "c", jti, issued) is TokenFailure);
                    }
                }
            },
            iter: 50,
            threads: 1);
    }

    private static Task<IdentityHost> StartAsync(IRevocationStore store, params (string Key, string Value)[] settings) => IdentityHost.StartAsync(
        revocations: store,
        settings:
        [
            ("Levee:Identity:Tenants:0:Id", "acme"), ("Levee:Identity:Tenants:0:Secret1", IdentityHost.Secret1),
            ("Levee:Identity:Tenants:0:Secret2", IdentityHost.Secret2), .. settings,
        ]);

    private static Task<IdentityHost> StartWithTwoAsync() => IdentityHost.StartWithAcmeAsync(
        ("Levee:Identity:Tenants:1:Id", "rival"), ("Levee:Identity:Tenants:1:Secret1", "another-key-that-is-long-enough-for-hs256"));

    private static async Task<Revocation> RevokeAsync(IdentityHost host, RevocationRequest request) =>
        Assert.IsType<TokensRevoked>(await host.Revocations.RevokeAsync(request, Ct)).Revocation;

    private static TokenOutcome Verify(IdentityHost host, string user = "u1", string? jti = null, double issued = 0) => host.Verifier.Verify(
        Jwt.Sign(Claims(host, user, jti, issued).ToJsonString(), IdentityHost.Secret1), "acme", "d", RequiredScopes.ReadMode);

    private static JsonObject Claims(IdentityHost host, string user, string? jti, double issued)
    {
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims["user"] = new JsonObject { ["id"] = user };
        claims["iat"] = host.Clock.GetUtcNow().ToUnixTimeSeconds() + issued;
        if (jti is not null)
        {
            claims["jti"] = jti;
        }

        return claims;
    }

    private static TokenFailureReason Failure(TokenOutcome outcome) => Assert.IsType<TokenFailure>(outcome).Reason;

    private static RevocationRefusal Refusal(RevocationOutcome outcome) => Assert.IsType<RevocationRefused>(outcome).Refusal;
}
