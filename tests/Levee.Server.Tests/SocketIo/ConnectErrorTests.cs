using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Sessions;
using Levee.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Server.Tests.SocketIo;

/// <summary>Every row of the table of <c>connect_document_error</c>, and that a better message on the same socket succeeds.</summary>
public sealed class ConnectErrorTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private const string Invalid = "Invalid connection message";
    private const string Mismatch = "DocumentId and/or TenantId in token claims do not match requested resource";
    private const string Server = "^0.4.0,^0.3.0,^0.2.0,^0.1.0";

    private static readonly Dictionary<string, (Action<JsonObject, TestDocument> Spoil, int Code, string Message)> Rows = new()
    {
        ["nothing in it"] = ((m, _) => m.Clear(), 400, Invalid),
        ["no tenant"] = ((m, _) => m.Remove("tenantId"), 400, Invalid),
        ["a number for an id"] = ((m, _) => m["id"] = 7, 400, Invalid),
        ["a number for a token"] = ((m, _) => m["token"] = 7, 400, Invalid),
        ["no client"] = ((m, _) => m.Remove("client"), 400, Invalid),
        ["client a text"] = ((m, _) => m["client"] = "me", 400, Invalid),
        ["no details"] = ((m, _) => Client(m).Remove("details"), 400, Invalid),
        ["no capabilities"] = ((m, _) => Details(m).Remove("capabilities"), 400, Invalid),
        ["interactive no boolean"] = ((m, _) => Details(m)["capabilities"]!["interactive"] = "true", 400, Invalid),
        ["type no text"] = ((m, _) => Details(m)["type"] = 1, 400, Invalid),
        ["environment no text"] = ((m, _) => Details(m)["environment"] = 1, 400, Invalid),
        ["no permission"] = ((m, _) => Client(m).Remove("permission"), 400, Invalid),
        ["permission no list"] = ((m, _) => Client(m)["permission"] = "all", 400, Invalid),
        ["no scopes"] = ((m, _) => Client(m).Remove("scopes"), 400, Invalid),
        ["scopes not of texts"] = ((m, _) => Client(m)["scopes"] = new JsonArray(1), 400, Invalid),
        ["no user"] = ((m, _) => Client(m).Remove("user"), 400, Invalid),
        ["client mode unknown"] = ((m, _) => Client(m)["mode"] = "admin", 400, Invalid),
        ["mode unknown"] = ((m, _) => m["mode"] = "admin", 400, Invalid),
        ["no mode"] = ((m, _) => m.Remove("mode"), 400, Invalid),
        ["no versions"] = ((m, _) => m.Remove("versions"), 400, Invalid),
        ["versions no list"] = ((m, _) => m["versions"] = "^0.4.0", 400, Invalid),
        ["versions not of texts"] = ((m, _) => m["versions"] = new JsonArray(4), 400, Invalid),
        ["more versions than anybody has"] = ((m, _) => m["versions"] = new JsonArray([.. Enumerable.Repeat(0, 65).Select(_ => (JsonNode)"^0.4.0")]), 400, Invalid),
        ["nonce no text"] = ((m, _) => m["nonce"] = 1, 400, Invalid),
        ["features no object"] = ((m, _) => m["supportedFeatures"] = "all", 400, Invalid),
        ["no version in common"] = (
            (m, _) => m["versions"] = new JsonArray("^1.0.0", "^2.0.0"), 400, $"Unsupported client protocol. Server: {Server}. Client: ^1.0.0,^2.0.0"),
        ["no version at all"] = ((m, _) => m["versions"] = new JsonArray(), 400, $"Unsupported client protocol. Server: {Server}. Client: "),
        ["versions without end"] = (
            (m, _) => m["versions"] = new JsonArray(new string('9', 300)),
            400,
            $"Unsupported client protocol. Server: {Server}. Client: {new string('9', 256)}..."),
        ["no token"] = ((m, _) => m.Remove("token"), 403, "Must provide an authorization token"),
        ["token null"] = ((m, _) => m["token"] = null, 403, "Must provide an authorization token"),
        ["token empty"] = ((m, _) => m["token"] = "", 403, "Must provide an authorization token"),
        ["no token but text"] = ((m, _) => m["token"] = "invalid", 401, "Invalid token"),
        ["signed by another"] = ((m, d) => m["token"] = TestTokens.WrongSecret(d.Id), 401, "Invalid token"),
        ["unknown tenant"] = ((m, _) => m["tenantId"] = "no-such-tenant", 401, "Invalid token"),
        ["claims missing"] = ((m, d) => m["token"] = TestTokens.Without(d.Id, "user"), 401, "Invalid token"),
        ["token expired"] = ((m, d) => m["token"] = TestTokens.Expired(d.Id), 401, "Expired token"),
        ["token of another document"] = ((m, _) => m["token"] = TestTokens.FullAccess("other"), 403, Mismatch),
        ["token of another tenant, well signed"] = (
            (m, d) => m["token"] = TestTokens.FullAccess(d.Id, new TestTenant("other", TestTenants.Default.Secret)), 403, Mismatch),
        ["other document than the token's"] = ((m, _) => m["id"] = "other", 403, Mismatch),
        ["no scopes at all"] = ((m, d) => m["token"] = TestTokens.WithoutScopes(d.Id), 403, "Missing scopes in token claims"),
        ["no doc:read"] = ((m, d) => m["token"] = TestTokens.Mint(d.Id, ["doc:write"]), 403, "Missing scopes in token claims"),
    };

    public static TheoryData<string> Cases => [.. Rows.Keys];

    [Theory, MemberData(nameof(Cases))]
    public async Task A_connection_is_refused_in_the_reference_services_words_and_a_better_one_succeeds(string name)
    {
        var (spoil, code, words) = Rows[name];
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document);
        message["nonce"] = "once";
        spoil(message, document);

        var error = await client.RefusedAsync(message);
        var nonce = message["nonce"]?.GetValueKind() == JsonValueKind.String;
        Json.AssertEqual(nonce ? Json.Of(new { code, message = words, nonce = "once" }) : Json.Of(new { code, message = words }), error);
        Assert.Empty(await document.ReadDeltasAsync());
        await client.ConnectAsync(StockClient.Message(document));
    }

    [Theory]
    [InlineData("42[\"connect_document\"]")]
    [InlineData("42[\"connect_document\",null]")]
    [InlineData("42[\"connect_document\",[]]")]
    [InlineData("42[\"connect_document\",\"x\"]")]
    [InlineData("42[\"connect_document\",{\"tenantId\":\"\\ud800\",\"client\":{\"\\ud800\":1}}]")]
    public async Task An_argument_that_is_no_message_is_refused_and_hurts_nobody(string packet)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        await client.Socket.SendAsync(packet, TestContext.Current.CancellationToken);
        var error = Assert.Single((await client.EventAsync("connect_document_error")).Arguments);
        Json.AssertEqual(Json.Of(new { code = 400, message = Invalid }), error);
        await client.ConnectAsync(StockClient.Message(document));
    }

    [Fact]
    public async Task A_document_that_nobody_created_is_404_and_says_what_to_do()
    {
        await using var client = await StockClient.OpenAsync(TestDocument.Unknown(fixture.Server));
        await AssertNotFoundAsync(client, StockClient.Message(client.Document));
    }

    [Fact]
    public async Task An_id_that_no_document_can_have_is_404_too()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document, TestTokens.FullAccess("a/\u001b[31mb"));
        message["id"] = "a/\u001b[31mb";
        await AssertNotFoundAsync(client, message);
        Assert.DoesNotContain("\u001b", fixture.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_can_not_be_loaded_is_500_which_drivers_try_again()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await document.SpoilInitialStateAsync();
        await using var client = await StockClient.OpenAsync(document);
        var error = await client.RefusedAsync(StockClient.Message(document));
        Assert.Equal(500, error.Number("code"));
        Assert.StartsWith("Failed to connect client to document. ", error.Text("message"));
    }

    [Fact]
    public async Task One_client_too_many_is_429_with_five_minutes_to_wait()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Sessions:MaxConnectionsPerDocument"] = "2" }, TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var first = await document.ConnectAsync();
        await using var second = await StockClient.ConnectAsync(document, mode: "read");
        await using var third = await StockClient.OpenAsync(document);
        Json.AssertEqual(
            Json.Of(new { code = 429, message = "Too Many Clients Connected to Document", retryAfter = 300, retryAfterMs = 300_000 }),
            await third.RefusedAsync(StockClient.Message(document)));
        await second.Socket.CloseAsync(TestContext.Current.CancellationToken);
        await third.AssertNoneAsync("connect_document_success");
        await first.EventAsync("signal");
        await third.ConnectAsync(StockClient.Message(document));
    }

    [Fact]
    public async Task While_the_server_drains_it_is_503_with_the_drivers_word_for_it()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.OpenAsync(document);
        await server.Services.GetRequiredService<SessionDirectory>().StopAsync();
        Json.AssertEqual(
            Json.Of(new
            {
                code = 503,
                message = "The server is shutting down; connect again",
                retryAfter = 5,
                retryAfterMs = 5000,
                internalErrorCode = "ClusterDraining",
            }),
            await client.RefusedAsync(StockClient.Message(document)));
    }

    [Fact]
    public async Task A_second_connect_on_a_socket_is_refused_by_name_and_the_first_goes_on()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        Json.AssertEqual(
            Json.Of(new { code = 400, message = "Already connected: a socket carries one connection; open another socket for another one" }),
            await client.RefusedAsync(StockClient.Message(document)));
        await client.WriteAsync(client.Op());
        Assert.Equal(["join", "op"], (await document.ReadDeltasAsync()).Select(message => message.Type()));
    }

    private static JsonObject Client(JsonObject message) => message["client"]!.AsObject();

    private static JsonObject Details(JsonObject message) => Client(message)["details"]!.AsObject();

    private static async Task AssertNotFoundAsync(StockClient client, JsonObject message) => Json.AssertEqual(
        Json.Of(new
        {
            code = 404,
            message = "Document not found: nobody has created it; create it with POST /documents/{tenant}, or check its id",
        }),
        await client.RefusedAsync(message));
}
