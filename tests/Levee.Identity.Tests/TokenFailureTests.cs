using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Identity.Tests;

/// <summary>Every row of the contract's error table that a token can cause: name, code and message.</summary>
public sealed class TokenFailureTests
{
    private static readonly TokenUser Ada = TokenUser.Create("u1", "Ada");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public async Task Refuses_a_missing_token(string? token)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();

        Expect(Verify(host, token), TokenFailureReason.MissingToken, "missing_token", 401, "Missing authentication token");
    }

    [Fact]
    public async Task Refuses_a_token_from_the_second_it_expires()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.ReadOnly(Acme(host), "d", Ada, TimeSpan.FromMinutes(1));

        host.Clock.Advance(TimeSpan.FromSeconds(59.999));
        Assert.IsType<TokenClaims>(Verify(host, token));
        host.Clock.Advance(TimeSpan.FromSeconds(0.001));

        Expect(Verify(host, token), TokenFailureReason.TokenExpired, "token_expired", 401, "Token has expired");
    }

    [Fact]
    public async Task Takes_an_expired_token_within_the_configured_clock_skew()
    {
        using var host = await IdentityHost.StartWithAcmeAsync(("Levee:Identity:ClockSkew", "00:00:30"));
        var token = host.Minter.ReadOnly(Acme(host), "d", Ada, TimeSpan.FromMinutes(1));

        host.Clock.Advance(TimeSpan.FromSeconds(89));
        Assert.IsType<TokenClaims>(Verify(host, token));
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TokenFailureReason.TokenExpired, Assert.IsType<TokenFailure>(Verify(host, token)).Reason);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(300)]
    public async Task Takes_a_token_from_its_nbf_on_less_the_configured_clock_skew(int skew)
    {
        using var host = await IdentityHost.StartWithAcmeAsync(("Levee:Identity:ClockSkew", TimeSpan.FromSeconds(skew).ToString()));
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims["nbf"] = host.Clock.GetUtcNow().ToUnixTimeSeconds() + 600;
        var token = Jwt.Sign(claims.ToJsonString(), IdentityHost.Secret1);

        host.Clock.Advance(TimeSpan.FromSeconds(600 - skew) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("Invalid token: not valid yet (nbf)", Assert.IsType<TokenFailure>(Verify(host, token)).Message);
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.IsType<TokenClaims>(Verify(host, token));
    }

    [Fact]
    public async Task Refuses_a_signature_by_another_key()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = Jwt.Sign(Jwt.Claims(host, Scopes.DocRead).ToJsonString(), "another-key-that-is-long-enough-for-hs256");

        Expect(
            Verify(host, token), TokenFailureReason.InvalidSignature, "invalid_signature", 401, "Invalid token signature");
    }

    [Fact]
    public async Task Refuses_a_tenant_that_does_not_exist()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.ReadOnly(Acme(host), "d", Ada);

        Expect(
            host.Verifier.Verify(token, "acne", "d", RequiredScopes.ReadMode),
            TokenFailureReason.UnknownTenant, "unknown_tenant", 401, "Unknown tenant");
    }

    [Theory]
    [InlineData("garbage", "not a signed JWT of three base64url parts")]
    [InlineData("a.b", "not a signed JWT of three base64url parts")]
    [InlineData("a.b.c.d.e", "not a signed JWT of three base64url parts")]
    [InlineData("!!!!.????.####", "not a signed JWT of three base64url parts")]
    [InlineData("AAAA.AAAA.AAAA", "header is not a JSON object")]
    [InlineData("W10.e30.AAAA", "header is not a JSON object")]
    public async Task Refuses_what_is_no_token(string token, string problem)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();

        Expect(Verify(host, token), TokenFailureReason.InvalidToken, "invalid_token", 401, $"Invalid token: {problem}");
    }

    [Theory]
    [InlineData("tenantId")]
    [InlineData("documentId")]
    [InlineData("scopes")]
    [InlineData("user")]
    [InlineData("iat")]
    [InlineData("exp")]
    [InlineData("ver")]
    public async Task Names_a_missing_claim(string name)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        foreach (var isNull in new[] { false, true })
        {
            var claims = Jwt.Claims(host, Scopes.DocRead);
            claims.Remove(name);
            if (isNull)
            {
                claims[name] = null;
            }

            Expect(
                Verify(host, Jwt.Sign(claims.ToJsonString(), IdentityHost.Secret1)),
                TokenFailureReason.MissingClaims, "missing_claims", 401, $"Invalid token: missing claims: {name}");
        }
    }

    [Fact]
    public async Task Names_all_missing_claims_at_once()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();

        var failure = Assert.IsType<TokenFailure>(Verify(host, Jwt.Sign("""{"user":{}}""", IdentityHost.Secret1)));

        Assert.Equal(
            "Invalid token: missing claims: tenantId, documentId, scopes, user.id, iat, exp, ver", failure.Message);
    }

    [Theory]
    [InlineData("tenantId", "7", "tenantId must be a string")]
    [InlineData("documentId", "[]", "documentId must be a string")]
    [InlineData("scopes", "\"doc:read\"", "scopes must be a list of strings")]
    [InlineData("scopes", "[1]", "scopes must be a list of strings")]
    [InlineData("user", "\"ada\"", "user must be an object")]
    [InlineData("user", "{\"id\":7}", "user.id must be a string")]
    [InlineData("iat", "\"now\"", "iat must be a number of seconds since 1970")]
    [InlineData("exp", "true", "exp must be a number of seconds since 1970")]
    [InlineData("exp", "-1", "exp must be a number of seconds since 1970")]
    [InlineData("exp", "1e400", "exp must be a number of seconds since 1970")]
    [InlineData("exp", "1772366400000", "exp must be a number of seconds since 1970")]
    [InlineData("ver", "1.0", "ver must be a string")]
    [InlineData("jti", "7", "jti must be a string")]
    [InlineData("nbf", "\"soon\"", "nbf must be a number of seconds since 1970")]
    [InlineData("nbf", "1900000000", "not valid yet (nbf)")]
    public async Task Refuses_a_claim_of_the_wrong_type(string name, string value, string problem)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims[name] = JsonNode.Parse(value);

        Expect(
            Verify(host, Jwt.Sign(claims.ToJsonString(), IdentityHost.Secret1)),
            TokenFailureReason.InvalidToken, "invalid_token", 401, $"Invalid token: {problem}");
    }

    [Fact]
    public async Task Refuses_a_token_whose_claims_name_another_tenant()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims["tenantId"] = "rival";

        Expect(
            Verify(host, Jwt.Sign(claims.ToJsonString(), IdentityHost.Secret1)),
            TokenFailureReason.TenantMismatch, "tenant_mismatch", 403, "Token not valid for this tenant");
    }

    [Fact]
    public async Task Refuses_a_token_for_another_document()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();

        foreach (var other in new[] { "D", "d2", "", "__new__" })
        {
            Expect(
                Verify(host, host.Minter.ReadOnly(Acme(host), other, Ada)),
                TokenFailureReason.DocumentMismatch, "document_mismatch", 403, "Token not valid for this document");
        }
    }

    [Fact]
    public async Task Refuses_a_token_without_the_scope_to_read()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.Mint(Acme(host), "d", Ada, [Scopes.DocWrite]);

        foreach (var mode in new[] { RequiredScopes.ReadMode, RequiredScopes.WriteMode })
        {
            Expect(
                host.Verifier.Verify(token, "acme", "d", mode),
                TokenFailureReason.MissingScope, "missing_scope", 403, "Token missing required scope: doc:read");
        }
    }

    [Fact]
    public async Task Refuses_write_mode_without_the_scope_to_write()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.ReadOnly(Acme(host), "d", Ada);

        Expect(
            host.Verifier.Verify(token, "acme", "d", RequiredScopes.WriteMode),
            TokenFailureReason.MissingScope, "missing_scope", 403, "Write mode requires doc:write scope");
    }

    [Fact]
    public async Task Names_every_scope_that_a_request_lacks()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.Mint(Acme(host), "d", Ada, [Scopes.DocWrite]);

        var outcome = host.Verifier.Verify(token, "acme", "d", RequiredScopes.Of(Scopes.DocRead, Scopes.SummaryWrite));

        Assert.Equal(
            "Token missing required scope: doc:read, summary:write", Assert.IsType<TokenFailure>(outcome).Message);
    }

    private static TokenOutcome Verify(IdentityHost host, string? token) =>
        host.Verifier.Verify(token, "acme", "d", RequiredScopes.ReadMode);

    private static Tenant Acme(IdentityHost host) => host.Tenants.Find("acme")!;

    private static void Expect(TokenOutcome outcome, TokenFailureReason reason, string name, int code, string message)
    {
        var failure = Assert.IsType<TokenFailure>(outcome);
        Assert.Equal((reason, name, code, message), (failure.Reason, failure.ReasonName, failure.Code, failure.Message));
    }
}
