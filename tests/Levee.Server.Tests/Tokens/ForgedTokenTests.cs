using System.Buffers.Text;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Levee.Server.Tests.Documents;
using Levee.Server.Tests.SocketIo;
using Levee.Testing;

namespace Levee.Server.Tests.Tokens;

/// <summary>Every forged, stretched or borrowed token at every door: both forms of REST, Phoenix and Socket.IO.</summary>
public sealed class ForgedTokenTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private const string NotHs256 = "Invalid token: the algorithm must be HS256";
    private const string NoToken = "Invalid token: not a signed JWT of three base64url parts";
    private const string BadClaims = "Invalid token: payload is not a JSON object with unique, well-formed claims";
    private const string BadExp = "Invalid token: exp must be a number of seconds since 1970";
    private const string Signature = "Invalid token signature";
    private const string Mallory = "mallorys-own-secret-0123456789abcdef";

    private static readonly Dictionary<string, (Func<string, string> Token, int Code, string Message)> Rows = new()
    {
        ["none, unsigned"] = (d => Forged.Unsigned("""{"alg":"none"}""", Good(d)) + ".", 401, NotHs256),
        ["None, unsigned"] = (d => Forged.Unsigned("""{"alg":"None"}""", Good(d)) + ".", 401, NotHs256),
        ["none, signed"] = (d => Forged.Make("""{"alg":"none"}""", Good(d)), 401, NotHs256),
        ["none without the last dot"] = (d => Forged.Unsigned("""{"alg":"none"}""", Good(d)), 401, NoToken),
        ["RS256 with the secret as the key"] = (d => Forged.Make("""{"alg":"RS256"}""", Good(d)), 401, NotHs256),
        ["HS384, signed so"] = (d => Sign("HS384", d, HMACSHA384.HashData), 401, NotHs256),
        ["HS512, signed so"] = (d => Sign("HS512", d, HMACSHA512.HashData), 401, NotHs256),
        ["hs256"] = (d => Forged.Make("""{"alg":"hs256"}""", Good(d)), 401, NotHs256),
        ["no alg"] = (d => Forged.Make("""{"typ":"JWT"}""", Good(d)), 401, NotHs256),
        ["two algs"] = (d => Forged.Make("""{"alg":"HS256","alg":"none"}""", Good(d)), 401, "Invalid token: header is not a JSON object"),
        ["crit"] = (
            d => Forged.Make("""{"alg":"HS256","crit":["b64"],"b64":false}""", Good(d)),
            401,
            "Invalid token: critical header extensions are not supported"),
        ["empty signature"] = (d => Forged.Unsigned(Forged.Hs256, Good(d)) + ".", 401, Signature),
        ["half a signature"] = (d => Forged.Make(Forged.Hs256, Good(d))[..^23], 401, Signature),
        ["the secret of another tenant"] = (d => Forged.Make(Forged.Hs256, Good(d), TestTenants.Other.Secret), 401, Signature),
        ["an empty secret"] = (d => Forged.Make("""{"alg":"HS256","kid":"../../dev/null"}""", Good(d), ""), 401, Signature),
        ["claims under a good token's signature"] = (
            d => Forged.Swapped(Forged.Make(Forged.Hs256, Good(d)), Forged.Make(Forged.Hs256, Good("other"))), 401, Signature),
        ["a key of its own in jwk"] = (
            d => Forged.Make($$$"""{"alg":"HS256","jwk":{"kty":"oct","k":"{{{Forged.Part(Mallory)}}}"}}""", Good(d), Mallory), 401, Signature),
        ["a key of its own behind jku"] = (
            d => Forged.Make("""{"alg":"HS256","jku":"http://127.0.0.1:1/keys","x5u":"http://127.0.0.1:1/keys"}""", Good(d), Mallory), 401, Signature),
        ["a claim twice"] = (d => Forged.Make(Forged.Hs256, $$"""{"documentId":"other",{{Good(d)[1..]}}"""), 401, BadClaims),
        ["a list of claims"] = (d => Forged.Make(Forged.Hs256, $"[{Good(d)}]"), 401, "Invalid token: payload is not a JSON object"),
        ["no JSON"] = (_ => Forged.Make(Forged.Hs256, "tenantId=dev-tenant"), 401, BadClaims),
        ["nested without end"] = (_ => Forged.Make(Forged.Hs256, new string('[', 2000)), 401, BadClaims),
        ["exp a text"] = (d => Forged.With(d, "exp", "\"9999999999\""), 401, BadExp),
        ["exp huge"] = (d => Forged.With(d, "exp", "1e300"), 401, BadExp),
        ["exp beyond numbers"] = (d => Forged.With(d, "exp", "1e999"), 401, BadExp),
        ["exp in milliseconds"] = (d => Forged.With(d, "exp", "4102444800000"), 401, BadExp),
        ["exp negative"] = (d => Forged.With(d, "exp", "-1"), 401, BadExp),
        ["exp null"] = (d => Forged.With(d, "exp", "null"), 401, "Invalid token: missing claims: exp"),
        ["exp a while ago, with a fraction"] = (d => Forged.With(d, "exp", "1700000000.999"), 401, "Token has expired"),
        ["exp 0"] = (d => Forged.With(d, "exp", "0"), 401, "Token has expired"),
        ["nbf tomorrow"] = (
            d => Forged.With(d, "nbf", $"{DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds()}"), 401, "Invalid token: not valid yet (nbf)"),
        ["nbf a text"] = (d => Forged.With(d, "nbf", "\"0\""), 401, "Invalid token: nbf must be a number of seconds since 1970"),
        ["iat missing, to be before every revocation or after"] = (
            d => Forged.With(d, "iat", "null"), 401, "Invalid token: missing claims: iat"),
        ["tenant an object"] = (d => Forged.With(d, "tenantId", """{"$ne":""}"""), 401, "Invalid token: tenantId must be a string"),
        ["tenant of another"] = (d => Forged.With(d, "tenantId", "\"fluid\""), 403, "Token not valid for this tenant"),
        ["tenant in other letters"] = (d => Forged.With(d, "tenantId", "\"DEV-TENANT\""), 403, "Token not valid for this tenant"),
        ["tenant that looks alike"] = (d => Forged.With(d, "tenantId", "\"d\u0435v-tenant\""), 403, "Token not valid for this tenant"),
        ["tenant with something behind"] = (d => Forged.With(d, "tenantId", "\"dev-tenant\\u0000\""), 403, "Token not valid for this tenant"),
        ["document of another"] = (d => Forged.With(d, "documentId", $"\"{d}x\""), 403, "Token not valid for this document"),
        ["document in other letters"] = (d => Forged.With(d, "documentId", $"\"{d.ToUpperInvariant()}\""), 403, "Token not valid for this document"),
        ["document for all"] = (d => Forged.With(d, "documentId", "\"*\""), 403, "Token not valid for this document"),
        ["document to be made"] = (d => Forged.With(d, "documentId", "\"\""), 403, "Token not valid for this document"),
        ["scopes a text"] = (d => Forged.With(d, "scopes", "\"doc:read doc:write\""), 401, "Invalid token: scopes must be a list of strings"),
        ["scopes for all"] = (d => Forged.With(d, "scopes", "[\"*\",\"doc:*\",\"DOC:READ\"]"), 403, "Token missing required scope: doc:read"),
        ["no base64"] = (_ => "!!.!!.!!", 401, NoToken),
        ["padded base64"] = (d => Forged.Make(Forged.Hs256, Good(d)) + "=", 401, NoToken),
        ["base64 of other letters"] = (d => Forged.Make(Forged.Hs256, Good(d)) + "+/", 401, NoToken),
        ["five parts"] = (d => Forged.Make(Forged.Hs256, Good(d)) + ".a.b", 401, NoToken),
        ["dots alone"] = (_ => "..", 401, "Invalid token: header is not a JSON object"),
        ["as long as is looked at, and longer"] = (d => Forged.With(d, "pad", $"\"{new string('x', 9000)}\""), 401, "Invalid token: longer than 8192 characters"),
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string> Cases => [.. Rows.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task A_bad_token_is_refused_by_name_at_every_door(string name)
    {
        var (make, code, message) = Rows[name];
        var document = await TestDocument.CreateAsync(fixture.Server);
        var token = make(document.Id);

        Assert.Equal((code, $$"""{"error":"{{message}}"}"""), await AskAsync(document, $"Bearer {token}"));
        Assert.Equal((code, $$"""{"error":"{{message}}","message":"{{message}}"}"""), await AskAsync(document, $"Basic {token}"));
        await using var channel = await DocumentClient.JoinAsync(document);
        var refused = Assert.NotNull(await channel.TryConnectAsync(document.ConnectMessage(token)));
        Assert.Equal((code, message), ((int)refused.Number("code"), refused.Text("message")));
        await using var stock = await StockClient.OpenAsync(document);
        Assert.Equal(code, (await stock.RefusedAsync(StockClient.Message(document, token))).Number("code"));

        Assert.Empty(await document.ReadDeltasAsync());
        Assert.DoesNotContain(token, fixture.Server.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"alg":"HS256","jku":"http://127.0.0.1:1/","jwk":{"kty":"oct","k":"AAAA"},"kid":"../../etc/passwd","x5u":"file:///"}""", null)]
    [InlineData(Forged.Hs256, "exp")]
    public async Task What_a_good_token_says_beside_is_not_looked_at(string header, string? fraction)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var claims = Forged.Claims(document.Id);
        if (fraction is not null)
        {
            claims[fraction] = DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 60.5;
        }

        var token = Forged.Make(header, claims.ToJsonString());
        Assert.Equal(200, (await AskAsync(document, $"Bearer {token}")).Status);
        await using var channel = await document.ConnectAsync(token);
        await using var stock = await StockClient.ConnectAsync(document, token);
    }

    [Theory]
    [InlineData(20_000)]
    [InlineData(990_000)]
    [InlineData(1_100_000)]
    [InlineData(5_000_000)]
    public async Task A_huge_token_gets_a_bounded_answer_and_hurts_nobody(int length)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var witness = await document.ConnectAsync();
        var token = new string('a', length);

        // Kestrel's own bound of headers comes first.
        Assert.Equal(length < 32_768 ? 401 : 431, await AskBluntlyAsync(document, token));
        await using var channel = await DocumentClient.JoinAsync(document);
        if (length < 4 * 1024 * 1024)
        {
            var refused = Assert.NotNull(await channel.TryConnectAsync(document.ConnectMessage(token)));
            Assert.Equal("Invalid token: longer than 8192 characters", refused.Text("message"));
        }
        else
        {
            await channel.PushAsync("connect_document", document.ConnectMessage(token));
            Assert.Equal(WebSocketCloseStatus.MessageTooBig, await channel.ClosedAsync());
        }

        await using var stock = await StockClient.OpenAsync(document);
        if (length < 1_000_000)
        {
            Assert.Equal(401, (await stock.RefusedAsync(StockClient.Message(document, token))).Number("code"));
        }
        else
        {
            await stock.Socket.EmitAsync("connect_document", StockClient.Message(document, token));
            await stock.ClosedAsync();
        }

        await witness.WriteAsync(witness.Op());
    }

    private static string Good(string document) => Forged.Claims(document).ToJsonString();

    private static string Sign(string algorithm, string document, Func<byte[], byte[], byte[]> hash)
    {
        var input = Forged.Unsigned($$"""{"alg":"{{algorithm}}"}""", Good(document));
        var signature = hash(Encoding.UTF8.GetBytes(TestTenants.Default.Secret), Encoding.ASCII.GetBytes(input));
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    private static async Task<(int Status, string Body)> AskAsync(TestDocument document, string authorization)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(document.Server.Url, $"/deltas/{document.Tenant}/{document.Id}"));
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", authorization));
        using var answer = await http.SendAsync(request, Ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }

    /// <summary>The server may answer and close while the header is still being sent, which is no failure.</summary>
    private static async Task<int> AskBluntlyAsync(TestDocument document, string token)
    {
        var answer = await RawHttp.SendAsync(
            document.Server.Url, $"GET /deltas/{document.Tenant}/{document.Id}", [("Authorization", $"Bearer {token}")]);
        return answer.Status;
    }
}
