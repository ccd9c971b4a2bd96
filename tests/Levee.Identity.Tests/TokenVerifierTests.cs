using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Levee.Protocol;

namespace Levee.Identity.Tests;

public sealed class TokenVerifierTests
{
    private static readonly TokenUser Ada = TokenUser.Create("u1", "Ada");

    [Theory]
    [InlineData(IdentityHost.Secret1)]
    [InlineData(IdentityHost.Secret2)]
    public async Task Verifies_with_either_secret(string secret)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var payload = Jwt.Claims(host, Scopes.DocRead, "custom:scope").ToJsonString();

        var claims = Assert.IsType<TokenClaims>(Verify(host, Jwt.Sign(payload, secret)));

        Assert.Equal(("acme", "d", "u1", "1.0"), (claims.TenantId, claims.DocumentId, claims.User.Id, claims.Ver));
        Assert.Equal([Scopes.DocRead, "custom:scope"], claims.Scopes);
        Assert.Equal(host.Clock.GetUtcNow(), claims.IssuedAt);
        Assert.Equal(host.Clock.GetUtcNow().AddHours(1), claims.ExpiresAt);
        Assert.Null(claims.Jti);
        Assert.Equal(payload, Encoding.UTF8.GetString(claims.Json.Span));
    }

    [Theory]
    [InlineData("""{"id":"u1","name":"Ada","team":{"n":[1, 2.50,1e3]},"z":null}""")]
    [InlineData("""{ "name" : "\u00e9\/é 🦉", "id" : "u1" }""")]
    public async Task Keeps_the_user_and_the_payload_byte_for_byte(string user)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims.Remove("user");
        var payload = $$"""{"user":{{user}},{{claims.ToJsonString()[1..]}}""";

        var verified = Assert.IsType<TokenClaims>(Verify(host, Jwt.Sign(payload, IdentityHost.Secret1)));
        var minted = host.Minter.ReadOnly(Acme(host), "d", verified.User);
        var again = Assert.IsType<TokenClaims>(Verify(host, minted));

        Assert.Equal(user, Encoding.UTF8.GetString(verified.User.Json.Span));
        Assert.Equal(payload, Encoding.UTF8.GetString(verified.Json.Span));
        Assert.Equal(user, Encoding.UTF8.GetString(again.User.Json.Span));
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":"HS384"}""")]
    [InlineData("""{"alg":"HS512"}""")]
    [InlineData("""{"alg":"ES256"}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":""}""")]
    public async Task Refuses_every_other_algorithm(string header)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var signed = Jwt.Sign(Jwt.Claims(host, Scopes.DocRead).ToJsonString(), IdentityHost.Secret1, header);
        var unsigned = signed[..(signed.LastIndexOf('.') + 1)];

        Assert.Equal("Invalid token: the algorithm must be HS256", Failure(Verify(host, signed)).Message);
        Assert.Equal("Invalid token: the algorithm must be HS256", Failure(Verify(host, unsigned)).Message);
    }

    [Fact]
    public async Task Refuses_an_RS256_token_with_a_valid_signature_of_its_own()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        using var rsa = RSA.Create(2048);
        var token = Jwt.Sign(
            Jwt.Claims(host, Scopes.DocRead).ToJsonString(), IdentityHost.Secret1, """{"alg":"RS256","typ":"JWT"}""");
        var input = token[..token.LastIndexOf('.')];
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(input), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        var outcome = Verify(host, $"{input}.{Base64Url.EncodeToString(signature)}");

        Assert.Equal("Invalid token: the algorithm must be HS256", Failure(outcome).Message);
    }

    [Fact]
    public async Task Refuses_an_unsigned_token_that_claims_HS256()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = Jwt.Sign(Jwt.Claims(host, Scopes.DocRead).ToJsonString(), IdentityHost.Secret1);

        var outcome = Verify(host, token[..(token.LastIndexOf('.') + 1)]);

        Assert.Equal(TokenFailureReason.InvalidSignature, Failure(outcome).Reason);
    }

    [Fact]
    public async Task Refuses_critical_header_extensions()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = Jwt.Sign(
            Jwt.Claims(host, Scopes.DocRead).ToJsonString(),
            IdentityHost.Secret1,
            """{"alg":"HS256","crit":["exp"]}""");

        Assert.Equal(TokenFailureReason.InvalidToken, Failure(Verify(host, token)).Reason);
    }

    [Fact]
    public async Task Refuses_a_claim_that_is_there_twice()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var payload = Jwt.Claims(host, Scopes.DocRead).ToJsonString();

        var outcome = Verify(host, Jwt.Sign($$"""{"tenantId":"acme",{{payload[1..]}}""", IdentityHost.Secret1));

        Assert.Equal(TokenFailureReason.InvalidToken, Failure(outcome).Reason);
    }

    [Theory]
    [InlineData("u1")]
    [InlineData("Ada")]
    [InlineData("nick")]
    public async Task Refuses_text_that_could_not_be_sent_on_even_where_nobody_reads_it(string place)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(host, Scopes.DocRead);
        claims["user"] = new JsonObject { ["id"] = "u1", ["name"] = "Ada", ["nick"] = "A" };
        var payload = claims.ToJsonString();
        var notUtf8 = Encoding.UTF8.GetBytes(payload);
        notUtf8[payload.IndexOf(place, StringComparison.Ordinal)] = 0xff;
        var halfSurrogate = payload.Replace(place, "\\ud800", StringComparison.Ordinal);

        Assert.IsType<TokenClaims>(Verify(host, Jwt.Sign(payload, IdentityHost.Secret1)));
        Assert.Equal(TokenFailureReason.InvalidToken, Failure(Verify(host, Jwt.Sign(notUtf8, IdentityHost.Secret1))).Reason);
        Assert.Equal(
            TokenFailureReason.InvalidToken, Failure(Verify(host, Jwt.Sign(halfSurrogate, IdentityHost.Secret1))).Reason);
    }

    [Fact]
    public async Task Refuses_a_token_over_the_limit_and_takes_one_at_it()
    {
        using var standard = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(standard, Scopes.DocRead);
        claims["pad"] = new string('x', 2000);
        var token = Jwt.Sign(claims.ToJsonString(), IdentityHost.Secret1);
        using var exact = await IdentityHost.StartWithAcmeAsync(("Levee:Identity:MaximumTokenLength", $"{token.Length}"));
        using var less = await IdentityHost.StartWithAcmeAsync(("Levee:Identity:MaximumTokenLength", $"{token.Length - 1}"));

        Assert.IsType<TokenClaims>(Verify(exact, token));
        Assert.Equal(
            $"Invalid token: longer than {token.Length - 1} characters", Failure(Verify(less, token)).Message);
        Assert.Equal(
            "Invalid token: longer than 8192 characters", Failure(Verify(standard, new string('.', 8193))).Message);
        Assert.Equal(TokenFailureReason.InvalidToken, Failure(Verify(standard, new string('a', 10_000_000))).Reason);
    }

    [Fact]
    public async Task Takes_the_reasons_in_the_order_of_what_is_proved()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var claims = Jwt.Claims(host);
        claims["tenantId"] = "rival";
        claims["documentId"] = "other";
        claims["exp"] = host.Clock.GetUtcNow().ToUnixTimeSeconds() - 1;
        var reasons = new List<TokenFailureReason>();

        Try("a-wrong-key-that-is-long-enough-for-hs256");
        Try(IdentityHost.Secret1);
        claims["exp"] = host.Clock.GetUtcNow().ToUnixTimeSeconds() + 60;
        Try(IdentityHost.Secret1);
        claims["tenantId"] = "acme";
        Try(IdentityHost.Secret1);
        claims["documentId"] = "d";
        Try(IdentityHost.Secret1);

        Assert.Equal(
            [
                TokenFailureReason.InvalidSignature,
                TokenFailureReason.TokenExpired,
                TokenFailureReason.TenantMismatch,
                TokenFailureReason.DocumentMismatch,
                TokenFailureReason.MissingScope,
            ],
            reasons);

        void Try(string secret) => reasons.Add(Failure(Verify(host, Jwt.Sign(claims.ToJsonString(), secret))).Reason);
    }

    [Theory]
    [InlineData("", "d", true)]
    [InlineData("__new__", "d", true)]
    [InlineData("d", "d", true)]
    [InlineData("", null, true)]
    [InlineData("__new__", null, true)]
    [InlineData("d", null, false)]
    [InlineData("other", "d", false)]
    public async Task Lets_a_token_create_a_document(string claimed, string? requested, bool allowed)
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.ReadWrite(Acme(host), claimed, Ada);

        var outcome = host.Verifier.VerifyForCreation(
            token, "acme", requested, RequiredScopes.Of(Scopes.DocRead, Scopes.DocWrite));

        Assert.Equal(allowed, outcome is TokenClaims);
        Assert.True(allowed || Failure(outcome).Reason is TokenFailureReason.DocumentMismatch);
    }

    [Fact]
    public async Task Verifies_for_a_tenant_whatever_the_document()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.FullAccess(Acme(host), "any", Ada);
        var required = RequiredScopes.Of(Scopes.DocRead, Scopes.SummaryWrite);

        Assert.Equal("any", Assert.IsType<TokenClaims>(host.Verifier.VerifyForTenant(token, "acme", required)).DocumentId);
        Assert.Equal(
            TokenFailureReason.MissingScope,
            Failure(host.Verifier.VerifyForTenant(
                host.Minter.ReadWrite(Acme(host), "any", Ada), "acme", required)).Reason);
    }

    [Fact]
    public async Task Never_throws_whatever_text_comes()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var part = Gen.OneOf(
            Gen.String,
            Gen.Byte.Array[0, 80].Select(bytes => Base64Url.EncodeToString(bytes)),
            Gen.String.Select(text => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))),
            JsonText.Select(text => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))));

        Gen.OneOf(Gen.String, part.Array[1, 6].Select(parts => string.Join('.', parts)))
            .Sample(token => Verify(host, token) is TokenFailure, iter: 20_000);
    }

    [Fact]
    public async Task Never_throws_whatever_the_tenant_itself_signed()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var payload = Gen.OneOf(
            Gen.Byte.Array[0, 200],
            JsonText.Select(Encoding.UTF8.GetBytes),
            Gen.Select(JsonValue, Gen.OneOf<string>("tenantId", "documentId", "scopes", "user", "iat", "exp", "ver", "jti", "nbf"))
                .Select((value, name) =>
                {
                    var claims = Jwt.Claims(host, Scopes.DocRead);
                    claims.Remove(name);
                    return Encoding.UTF8.GetBytes($$"""{"{{name}}":{{value}},{{claims.ToJsonString()[1..]}}""");
                }));
        var header = Gen.OneOf(Gen.Const(Jwt.Hs256), JsonText);

        Gen.Select(payload, header).Sample(
            (bytes, head) => Verify(host, Jwt.Sign(bytes, IdentityHost.Secret1, head)) is TokenFailure or TokenClaims,
            iter: 20_000);
    }

    [Fact]
    public async Task Refuses_a_token_with_any_character_changed_or_cut_off()
    {
        using var host = await IdentityHost.StartWithAcmeAsync();
        var token = host.Minter.FullAccess(Acme(host), "d", Ada);
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.= ";

        for (var index = 0; index < token.Length; index++)
        {
            Assert.IsType<TokenFailure>(Verify(host, token[..index]));
            foreach (var character in alphabet.Where(character => character != token[index]))
            {
                var changed = $"{token[..index]}{character}{token[(index + 1)..]}";
                Assert.IsType<TokenFailure>(Verify(host, changed));
            }
        }

        Assert.IsType<TokenFailure>(Verify(host, token + "="));
        Assert.IsType<TokenClaims>(Verify(host, token));
    }

    private static Gen<string> JsonValue { get; } = Gen.OneOf<string>(
        "{}", "[]", "null", "\"x\"", "\"\\ud800\"", "1", "-1", "1e999", "1.5", "[[[[]]]]", "{\"id\":\"\\udfff\"}",
        "{\"id\":{}}", "{\"\\ud800\":1}", "[\"\\ud800\"]", "[\"a\",1]", new string('[', 200), "tru", "\"open", "");

    private static Gen<string> JsonText { get; } = Gen.Select(
            Gen.OneOf<string>("alg", "typ", "kid", "crit", "enc", "zip", "cty", "exp", "tenantId", "user", "\\ud800").Array[0, 4],
            JsonValue.Array[4])
        .Select((names, values) => "{" + string.Join(',', names.Select((name, i) => $"\"{name}\":{values[i]}")) + "}");

    private static TokenOutcome Verify(IdentityHost host, string? token) =>
        host.Verifier.Verify(token, "acme", "d", RequiredScopes.ReadMode);

    private static Tenant Acme(IdentityHost host) => host.Tenants.Find("acme")!;

    private static TokenFailure Failure(TokenOutcome outcome) => Assert.IsType<TokenFailure>(outcome);
}
