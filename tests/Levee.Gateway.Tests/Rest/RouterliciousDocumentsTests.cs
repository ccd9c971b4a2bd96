using System.Text;
using System.Text.Json.Nodes;
using Levee.Identity;
using Levee.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Levee.Gateway.Tests.Rest;

public sealed class RouterliciousDocumentsTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Values =
        """[["code",{"key":"code","value":{"package":"no-dynamic-package","config":{}},"approvalSequenceNumber":0,"commitSequenceNumber":0,"sequenceNumber":0}]]""";

    private const string Entries = """
        {"summary":{"type":"tree","entries":[
           {"path":".channels","type":"tree","value":{"type":"tree","entries":[
             {"path":"a%20b%2Fc","type":"tree","unreferenced":true,"value":{"type":"tree","entries":[
               {"path":"x","type":"blob","value":{"type":"blob","content":"AP8=","encoding":"base64"}}]}}]}},
           {"path":".metadata","type":"blob","value":{"type":"blob","content":"{\"é\":1}","encoding":"utf-8"}}]},
         "sequenceNumber":SEQ,"values":VALUES,"enableDiscovery":false,"generateToken":false,"isEphemeralContainer":false,
         "enableAnyBinaryBlobOnFirstSummary":true,"somethingNew":{"a":[1]}}
        """;

    private const string OlderSummary = """
        {"summary":{"type":1,"tree":{
           ".channels":{"type":1,"tree":{"a b/c":{"type":1,"unreferenced":true,"tree":{"x":{"type":2,"content":{"content":"AP8=","encoding":"base64"}}}}}},
           ".metadata":{"type":2,"content":"{\"é\":1}"}}},
         "sequenceNumber":SEQ,"values":VALUES,"enableDiscovery":false,"generateToken":false}
        """;

    [Theory]
    [InlineData(Entries, true)]
    [InlineData(Entries, false)]
    [InlineData(OlderSummary, true)]
    [InlineData(OlderSummary, false)]
    public async Task Either_form_of_summary_makes_a_document_that_loads(string template, bool isRestLess)
    {
        var body = Body(template, 0);
        var id = (string)(await server.ExpectBasicAsync(isRestLess, 201, "POST", "/documents/acme", server.Token(""), body))!;
        var token = server.Token(id);

        // As a driver loads: the newest version, its tree, each blob.
        var version = Assert.Single((await server.ExpectBasicAsync(isRestLess, 200, "GET", $"/repos/acme/commits?count=1&sha={id}", token)).AsArray())!;
        var tree = await server.ExpectBasicAsync(
            isRestLess, 200, "GET", $"/repos/acme/git/trees/{version["commit"]!["tree"]!["sha"]}?recursive=1", token);
        Assert.Equal(
            [
                ".channels", ".channels/a%20b%2Fc", ".channels/a%20b%2Fc/x", ".metadata", ".protocol", ".protocol/attributes",
                ".protocol/quorumMembers", ".protocol/quorumProposals", ".protocol/quorumValues", ".serviceProtocol", ".serviceProtocol/flags",
            ],
            tree["tree"]!.AsArray().Select(entry => (string)entry!["path"]!));
        Assert.Equal([0, 255], await ReadAsync(tree, ".channels/a%20b%2Fc/x", token));
        Assert.Equal("{\"é\":1}", Encoding.UTF8.GetString(await ReadAsync(tree, ".metadata", token)));
        Assert.Equal(
            """{"minimumSequenceNumber":0,"sequenceNumber":0}""", Encoding.UTF8.GetString(await ReadAsync(tree, ".protocol/attributes", token)));
        // What is said of a tree is kept by its path as stored.
        Assert.Contains(".channels/a%20b%2Fc", Encoding.UTF8.GetString(await ReadAsync(tree, ".serviceProtocol/flags", token)), StringComparison.Ordinal);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Values), JsonNode.Parse(await ReadAsync(tree, ".protocol/quorumValues", token))));
    }

    [Theory]
    [InlineData("it's (100%) ~*!_-.", "it's%20(100%25)%20~*!_-.")]
    [InlineData("é/\ud83d\ude00", "%C3%A9%2F%F0%9F%98%80")]
    [InlineData("%21", "%2521")]
    public async Task Names_of_the_older_form_are_escaped_as_drivers_unescape_them(string name, string path)
    {
        var body = new JsonObject
        {
            ["summary"] = new JsonObject { ["type"] = 1, ["tree"] = new JsonObject { [name] = new JsonObject { ["type"] = 2, ["content"] = "" } } },
        };
        var id = (string)(await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", server.Token(""), body))!;
        var version = (await server.ExpectBasicAsync(true, 200, "GET", $"/repos/acme/commits?sha={id}", server.Token(id)))[0]!;
        var tree = await server.ExpectBasicAsync(true, 200, "GET", $"/repos/acme/git/trees/{version["commit"]!["tree"]!["sha"]}", server.Token(id));
        Assert.Contains(path, tree["tree"]!.AsArray().Select(entry => (string)entry!["path"]!));
    }

    [Fact]
    public async Task The_log_starts_above_the_number_of_the_summary()
    {
        var id = (string)(await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", server.Token(""), Body(Entries, 7)))!;
        var record = await server.Store.FindDocumentAsync(new DocumentKey("acme", id), TestContext.Current.CancellationToken);
        Assert.Equal(7, record!.InitialSequenceNumber);
        Assert.Equal("code", Assert.Single(QuorumJson.ReadValues(record.InitialState)).Key);
    }

    [Theory]
    [InlineData(false, false, "")]
    [InlineData(true, false, "id,session")]
    [InlineData(false, true, "id,token")]
    [InlineData(true, true, "id,token,session")]
    public async Task The_answer_has_what_was_asked_for(bool wantsSession, bool wantsToken, string members)
    {
        var body = new JsonObject { ["enableDiscovery"] = wantsSession, ["generateToken"] = wantsToken };
        foreach (var isRestLess in new[] { true, false })
        {
            var answer = await server.ExpectBasicAsync(isRestLess, 201, "POST", "/documents/acme", server.Token(""), body.DeepClone());
            Assert.Equal(members, answer is JsonObject named ? string.Join(',', named.Select(member => member.Key)) : "");
            if (wantsSession)
            {
                Assert.Equal(server.Address, (string)answer["session"]!["ordererUrl"]!);
                Assert.Equal(server.Address, (string)answer["session"]!["historianUrl"]!);
                Assert.Equal(server.Address, (string)answer["session"]!["deltaStreamUrl"]!);
            }
        }
    }

    [Fact]
    public async Task A_generated_token_is_for_the_new_document_with_its_creators_user_and_scopes()
    {
        var creator = server.Token("", Scopes.DocRead, Scopes.DocWrite);
        var answer = await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", creator, new JsonObject { ["generateToken"] = true });
        var id = (string)answer["id"]!;
        var verifier = server.Services.GetRequiredService<TokenVerifier>();
        var claims = Assert.IsType<TokenClaims>(verifier.Verify((string)answer["token"]!, "acme", id, RequiredScopes.Of(Scopes.DocRead)));
        var old = Assert.IsType<TokenClaims>(verifier.VerifyForTenant(creator, "acme", RequiredScopes.None));
        Assert.Equal([Scopes.DocRead, Scopes.DocWrite], claims.Scopes);
        Assert.Equal(old.User.Json.ToArray(), claims.User.Json.ToArray());
        Assert.InRange(claims.ExpiresAt, old.ExpiresAt.AddMinutes(-1), old.ExpiresAt.AddSeconds(1));
        Assert.Equal(id, (string)(await server.ExpectBasicAsync(true, 200, "GET", $"/documents/acme/{id}", (string)answer["token"]!))["id"]!);
    }

    [Fact]
    public async Task A_generated_token_does_not_outlive_its_creators()
    {
        var creator = server.ShortLivedToken("", TimeSpan.FromMinutes(5));
        var answer = await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", creator, new JsonObject { ["generateToken"] = true });
        var verifier = server.Services.GetRequiredService<TokenVerifier>();
        var claims = Assert.IsType<TokenClaims>(verifier.VerifyForTenant((string)answer["token"]!, "acme", RequiredScopes.None));
        Assert.InRange(claims.ExpiresAt, DateTimeOffset.UtcNow.AddMinutes(3), DateTimeOffset.UtcNow.AddMinutes(5));
    }

    [Fact]
    public async Task Levees_clients_get_no_token_by_a_member_that_they_do_not_have()
    {
        var answer = await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(""), new JsonObject { ["generateToken"] = true });
        Assert.IsType<JsonValue>(answer, exactMatch: false);
    }

    [Fact]
    public async Task An_id_may_be_asked_for_and_a_second_time_is_final()
    {
        var id = RestServer.NewId();
        var body = new JsonObject { ["id"] = id };
        Assert.Equal(id, (string)(await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", server.Token(""), body.DeepClone()))!);
        // No retryAfter, and neither 429, 500 nor 502: a driver does not try again.
        var refused = await server.ExpectBasicAsync(true, 409, "POST", "/documents/acme", server.Token(""), body);
        Assert.Equal("""{"error":"Document already exists","message":"Document already exists"}""", refused.ToJsonString());
    }

    [Theory]
    [InlineData("""{"summary":{"type":"tree","entries":{}}}""", "summary.entries must be a list")]
    [InlineData("""{"summary":{"type":"tree","entries":[{"path":"x","type":"tree","id":"abc/.app/x"}]}}""", "'x' is a handle: an initial summary has none before it that a handle could refer to")]
    [InlineData("""{"generateToken":1}""", "generateToken must be true or false")]
    [InlineData("""{""", "Request body is not valid JSON")]
    public async Task A_body_of_another_shape_is_refused_by_name(string body, string error)
    {
        foreach (var isRestLess in new[] { true, false })
        {
            using var response = await server.SendBasicAsync(isRestLess, "POST", "/documents/acme", RestServer.Basic("", server.Token("")), body);
            Assert.Equal(400, (int)response.StatusCode);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            Assert.Equal(error, (string)answer["message"]!);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_session_is_discovered(bool isRestLess)
    {
        var id = RestServer.NewId();
        await server.ExpectBasicAsync(isRestLess, 404, "GET", $"/documents/acme/session/{id}", server.Token(id));
        await server.CreateDocumentAsync(id);
        var answer = await server.ExpectBasicAsync(isRestLess, 200, "GET", $"/documents/acme/session/{id}", server.Token(id));
        Assert.Equal(server.Address, (string)answer["ordererUrl"]!);
        var levee = await server.ExpectAsync(200, "GET", $"/documents/acme/session/{id}", server.Token(id));
        Assert.Equal(levee.ToJsonString(), answer.ToJsonString());
    }

    [Fact]
    public async Task A_session_is_discovered_behind_the_public_address()
    {
        await using var other = await RestServer.StartAsync("Production", ("Levee:Rest:PublicUrl", "https://levee.example.org"));
        var id = RestServer.NewId();
        await other.CreateDocumentAsync(id);
        var answer = await other.ExpectBasicAsync(true, 200, "GET", $"/documents/acme/session/{id}", other.Token(id));
        Assert.Equal("https://levee.example.org", (string)answer["deltaStreamUrl"]!);
    }

    [Fact]
    public async Task A_server_that_is_stopping_sends_drivers_away_for_a_while()
    {
        await using var other = await RestServer.StartAsync("Production");
        var id = RestServer.NewId();
        await other.CreateDocumentAsync(id);
        // What a signal does first; the host of the tests listens on.
        other.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var response = await other.SendBasicAsync(
            true, "GET", $"/documents/acme/session/{id}", RestServer.Basic("", other.Token(id)));
        Assert.Equal(503, (int)response.StatusCode);
        Assert.Equal(
            """{"error":"Server is shutting down","message":"Server is shutting down","retryAfter":1,"internalErrorCode":"ClusterDraining"}""",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter!.Delta);
        await other.ExpectAsync(200, "GET", $"/documents/acme/session/{id}", other.Token(id));
    }

    private static JsonNode Body(string template, int sequenceNumber) => JsonNode.Parse(template
        .Replace("VALUES", Values, StringComparison.Ordinal)
        .Replace("SEQ", $"{sequenceNumber}", StringComparison.Ordinal))!;

    private async Task<byte[]> ReadAsync(JsonNode tree, string path, string token)
    {
        var sha = (string)tree["tree"]!.AsArray().Single(entry => (string)entry!["path"]! == path)!["sha"]!;
        var blob = await server.ExpectBasicAsync(true, 200, "GET", $"/repos/acme/git/blobs/{sha}", token);
        Assert.Equal("base64", (string)blob["encoding"]!);
        return Convert.FromBase64String((string)blob["content"]!);
    }
}
