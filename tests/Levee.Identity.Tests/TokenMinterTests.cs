using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Identity.Tests;

public sealed class TokenMinterTests
{
    private static readonly TokenUser Ada = TokenUser.Create("u1", "Ada");

    [Fact]
    public async Task Mints_the_claims_of_the_contract_for_one_hour()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var now = host.Clock.GetUtcNow().ToUnixTimeSeconds();

        var claims = Claims(host, host.Minter.ReadOnly(host.Tenants.Find("acme")!, "d", Ada));

        var jti = Assert.IsType<string>(claims.Jti);
        Assert.True(Guid.TryParseExact(jti, "D", out _));
        var expected = $$$"""
            {"tenantId":"acme","documentId":"d","scopes":["doc:read"],"user":{"id":"u1","name":"Ada"},
            "iat":{{{now}}},"exp":{{{now + 3600}}},"ver":"1.0","jti":"{{{jti}}}"}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(Encoding.UTF8.GetString(claims.Json.Span))));
    }

    [Fact]
    public async Task Gives_each_token_an_id_of_its_own()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var tenant = host.Tenants.Find("acme")!;

        Assert.NotEqual(
            Claims(host, host.Minter.ReadOnly(tenant, "d", Ada)).Jti,
            Claims(host, host.Minter.ReadOnly(tenant, "d", Ada)).Jti);
    }

    [Fact]
    public async Task Gives_each_role_its_scopes()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var tenant = host.Tenants.Find("acme")!;

        Assert.Equal(["doc:read"], Claims(host, host.Minter.ReadOnly(tenant, "d", Ada)).Scopes);
        Assert.Equal(["doc:read", "doc:write"], Claims(host, host.Minter.ReadWrite(tenant, "d", Ada)).Scopes);
        Assert.Equal(
            ["doc:read", "doc:write", "summary:read", "summary:write"],
            Claims(host, host.Minter.FullAccess(tenant, "d", Ada)).Scopes);
    }

    [Fact]
    public async Task Signs_with_the_first_secret_as_any_HMAC_would()
    {
        using var host = await IdentityHost.StartAsync("Development");

        foreach (var tenant in host.Tenants.All)
        {
            var token = host.Minter.ReadOnly(tenant, "d", Ada);
            var claims = Assert.IsType<TokenClaims>(
                host.Verifier.Verify(token, tenant.Id, "d", RequiredScopes.ReadMode));
            var byHand = Jwt.Sign(claims.Json.ToArray(), tenant.Secret1);

            Assert.Equal(byHand.Split('.')[1], token.Split('.')[1]);
            var header = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]));
            Assert.Equal(Jwt.Sign(claims.Json.ToArray(), tenant.Secret1, header), token);
        }
    }

    [Fact]
    public async Task Refuses_a_lifetime_below_a_second()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var tenant = host.Tenants.Find("acme")!;

        Assert.Throws<ArgumentOutOfRangeException>(
            () => host.Minter.ReadOnly(tenant, "d", Ada, TimeSpan.FromMilliseconds(999)));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"id\":7}")]
    [InlineData("{\"id\":\"a\"} {}")]
    [InlineData("{\"id\":\"\\ud800\"}")]
    [InlineData("")]
    public void Refuses_a_user_without_an_id(string json)
    {
        Assert.Throws<ArgumentException>(() => TokenUser.Parse(Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void Has_the_contracts_words_for_scopes()
    {
        Assert.Equal(
            ("doc:read", "doc:write", "summary:read", "summary:write"),
            (Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryRead, Scopes.SummaryWrite));
    }

    private static TokenClaims Claims(IdentityHost host, string token) =>
        Assert.IsType<TokenClaims>(host.Verifier.Verify(token, "acme", "d", RequiredScopes.ReadMode));
}
