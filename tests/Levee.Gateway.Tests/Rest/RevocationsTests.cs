using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Gateway.Tests.Rest;

/// <summary>The operators' routes: who may, what is answered, and every refusal by its code.</summary>
public sealed class RevocationsTests : IAsyncLifetime
{
    private const string Key = "admin-key-of-the-tests-0123456789abcdef";
    private const string Path = "/api/admin/revocations";

    private RestServer? _server;

    private RestServer Server => _server!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RestServer.StartAsync(
        "Production", ("LEVEE_ADMIN_KEY", Key), ("Levee:Identity:MaximumRevocations", "3"));

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task Revokes_lists_and_deletes()
    {
        var jti = await RevokeAsync(201, """{"tenantId":"acme","jti":"j1","expiresAt":"2999-01-01T00:00:00Z","reason":"stolen"}""");
        var user = await RevokeAsync(201, """{"tenantId":"acme","userId":"u é","expiresAt":32472144000}""");
        var tenant = await RevokeAsync(201, """{"tenantId":"other"}""");
        Assert.Equal(["id", "tenantId", "jti", "revokedAt", "takesEffectAt", "expiresAt", "reason"], Names(jti));
        Assert.Equal(["id", "tenantId", "userId", "revokedAt", "takesEffectAt", "expiresAt"], Names(user));
        Assert.Equal(["id", "tenantId", "revokedAt", "takesEffectAt"], Names(tenant));
        Assert.Equal(DateTimeOffset.Parse("2999-01-01T00:00:00Z", null), jti["expiresAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal(jti["expiresAt"]!.GetValue<DateTimeOffset>(), user["expiresAt"]!.GetValue<DateTimeOffset>());
        Assert.Equal(jti["revokedAt"]!.ToString(), jti["takesEffectAt"]!.ToString());

        Assert.Equal(
            new[] { Id(jti), Id(user) }.Order(),
            (await ListAsync("acme")).Select(Id).Order());
        Assert.Equal([Id(tenant)], (await ListAsync("other")).Select(Id));
        Assert.Empty(await ListAsync("nobody"));

        Assert.Equal("Revocation deleted", (string)(await AskAsync(200, "DELETE", $"{Path}/{Id(jti)}"))["message"]!);
        Assert.Equal("not_found", await ErrorAsync(404, "DELETE", $"{Path}/{Id(jti)}"));
        Assert.Equal([Id(user)], (await ListAsync("acme")).Select(Id));
    }

    [Fact]
    public async Task The_same_again_is_renewed()
    {
        var first = await RevokeAsync(201, """{"tenantId":"acme","userId":"u1","reason":"a"}""");
        var second = await RevokeAsync(200, """{"tenantId":"acme","userId":"u1"}""");
        Assert.Equal(Id(first), Id(second));
        Assert.Null(second["reason"]);
        Assert.Single(await ListAsync("acme"));
    }

    [Theory]
    [InlineData(400, "bad_request", "")]
    [InlineData(400, "bad_request", "[]")]
    [InlineData(400, "bad_request", "{")]
    [InlineData(400, "bad_request", "{}")]
    [InlineData(400, "bad_request", """{"tenantId":7}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","user":"u1"}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","userid":"u1"}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","userId":null}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","userId":7}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","jti":["j"]}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","expiresAt":"tomorrow"}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","expiresAt":-1}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","expiresAt":1e300}""")]
    [InlineData(400, "bad_request", """{"tenantId":"acme","expiresAt":true}""")]
    [InlineData(400, "bad_request", "{\"tenantId\":\"acme\",\"userId\":\"\\ud800\"}")]
    [InlineData(404, "unknown_tenant", """{"tenantId":"nobody"}""")]
    [InlineData(404, "unknown_tenant", """{"tenantId":"../acme"}""")]
    [InlineData(422, "invalid_subject", """{"tenantId":"acme","jti":""}""")]
    [InlineData(422, "invalid_subject", """{"tenantId":"acme","jti":"j","userId":"u"}""")]
    [InlineData(422, "already_expired", """{"tenantId":"acme","jti":"j","expiresAt":1700000000}""")]
    public async Task What_is_wrong_is_refused_by_name_and_revokes_nothing(int status, string code, string body)
    {
        Assert.Equal(code, await ErrorAsync(status, "POST", Path, body));
        Assert.Empty(await ListAsync("acme"));
    }

    [Fact]
    public async Task More_than_there_is_room_for_are_refused_by_name()
    {
        for (var i = 0; i < 3; i++)
        {
            await RevokeAsync(201, $$"""{"tenantId":"acme","jti":"j{{i}}"}""");
        }

        Assert.Equal("too_many_revocations", await ErrorAsync(409, "POST", Path, """{"tenantId":"acme","jti":"one more"}"""));
        Assert.Equal("payload_too_large", await ErrorAsync(413, "POST", Path, $$"""{"tenantId":"{{new string('x', 100_000)}}"}"""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("?tenantId=")]
    [InlineData("?tenantId=a&tenantId=b")]
    public async Task A_list_is_of_one_tenant(string query) => Assert.Equal("bad_request", await ErrorAsync(400, "GET", Path + query));

    [Theory]
    [InlineData("PUT", Path, 405, "method_not_allowed")]
    [InlineData("GET", "/api/admin/nothing", 404, "not_found")]
    public async Task What_is_no_route_is_answered_in_the_form_of_the_others(string method, string path, int status, string code) =>
        Assert.Equal(code, await ErrorAsync(status, method, path));

    [Theory]
    [InlineData(null, "missing_admin_key")]
    [InlineData("Bearer", "missing_admin_key")]
    [InlineData("Basic " + Key, "missing_admin_key")]
    [InlineData("Bearer wrong", "invalid_admin_key")]
    [InlineData("Bearer " + Key + "0", "invalid_admin_key")]
    [InlineData("Bearer 7f3b9f51c2a84d0e9b6a5c1d2e3f40517f3b9f51c2a84d0e9b6a5c1d2e3f4051", "invalid_admin_key")]
    public async Task Who_has_not_the_key_gets_nothing(string? authorization, string code)
    {
        await RevokeAsync(201, """{"tenantId":"acme","jti":"j1"}""");
        foreach (var (method, path, body) in new[]
        {
            ("POST", Path, """{"tenantId":"acme"}"""), ("GET", Path + "?tenantId=acme", null), ("DELETE", $"{Path}/x", null),
        })
        {
            using var answer = await SendAsync(method, path, body, authorization);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
            Assert.Equal(code, Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!));
        }

        Assert.Single(await ListAsync("acme"));
    }

    [Fact]
    public async Task A_tenants_token_is_no_admin_key()
    {
        using var answer = await SendAsync("GET", Path + "?tenantId=acme", null, $"Bearer {Server.Token("d")}");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Without_a_key_there_are_no_operators_and_the_answer_says_what_to_set()
    {
        await using var server = await RestServer.StartAsync("Production");
        using var answer = await server.SendAsync("GET", Path + "?tenantId=acme", Key);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!;
        Assert.Equal("no_admin_key", Code(error));
        Assert.Contains("LEVEE_ADMIN_KEY", (string)error["error"]!["message"]!, StringComparison.Ordinal);
    }

    private static string Id(JsonNode revocation) => (string)revocation["id"]!;

    private static string Code(JsonNode answer) => (string)answer["error"]!["code"]!;

    private static IEnumerable<string> Names(JsonNode revocation) => revocation.AsObject().Select(member => member.Key);

    private async Task<JsonNode> RevokeAsync(int status, string body) => (await AskAsync(status, "POST", Path, body))["revocation"]!;

    private async Task<JsonNode[]> ListAsync(string tenant) =>
        [.. (await AskAsync(200, "GET", $"{Path}?tenantId={tenant}"))["revocations"]!.AsArray().Select(node => node!)];

    private async Task<string> ErrorAsync(int status, string method, string path, string? body = null)
    {
        var answer = (await AskAsync(status, method, path, body)).AsObject();
        Assert.Equal(["error"], answer.Select(member => member.Key));
        Assert.Equal(["code", "message"], answer["error"]!.AsObject().Select(member => member.Key));
        return Code(answer);
    }

    private async Task<JsonNode> AskAsync(int status, string method, string path, string? body = null)
    {
        using var answer = await SendAsync(method, path, body, $"Bearer {Key}");
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(status == (int)answer.StatusCode, $"{method} {path} {body}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }

    private async Task<HttpResponseMessage> SendAsync(string method, string path, string? body, string? authorization)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);
        return await Server.Http.SendAsync(request, Ct);
    }
}
