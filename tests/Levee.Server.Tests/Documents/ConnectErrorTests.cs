using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>
/// Every row of the contract's table of <c>connect_document</c> errors, section 3: the reply's reason, code and message, and the event
/// with the same code and message.
/// </summary>
public sealed class ConnectErrorTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static readonly Dictionary<string, (Action<JsonObject, TestDocument> Spoil, int Code, string Reason, string Message)> Rows = new()
    {
        ["no client"] = ((m, _) => m.Remove("client"), 400, "missing_fields", "Missing required fields: client"),
        ["client null"] = ((m, _) => m["client"] = null, 400, "missing_fields", "Missing required fields: client"),
        ["no field at all"] = ((m, _) => m.Clear(), 400, "missing_fields", "Missing required fields: tenantId, id, client, mode"),
        ["tenant id of another form"] = ((m, _) => m["tenantId"] = 1, 400, "malformed", "tenantId and id must be strings"),
        ["mode unknown"] = ((m, _) => m["mode"] = "admin", 400, "malformed", "mode must be \"read\" or \"write\""),
        ["client no object"] = ((m, _) => m["client"] = "me", 400, "malformed", "client must be an object"),
        ["last seen negative"] = (
            (m, _) => m["lastSeenSequenceNumber"] = -1, 400, "malformed", "lastSeenSequenceNumber must be an integer that is not negative"),
        ["last seen a string"] = (
            (m, _) => m["lastSeenSequenceNumber"] = "1", 400, "malformed", "lastSeenSequenceNumber must be an integer that is not negative"),
        ["last seen ahead"] = (
            (m, _) => m["lastSeenSequenceNumber"] = 1000,
            400,
            "ahead_of_document",
            "lastSeenSequenceNumber is beyond the document's last message; load it anew"),
        ["other document than the topic's"] = (
            (m, _) => m["id"] = "other", 400, "tenant_document_mismatch", "Tenant/document ID mismatch with topic"),
        ["other tenant than the topic's"] = (
            (m, _) => m["tenantId"] = "other", 400, "tenant_document_mismatch", "Tenant/document ID mismatch with topic"),
        ["no token"] = ((m, _) => m.Remove("token"), 401, "missing_token", "Missing authentication token"),
        ["token null"] = ((m, _) => m["token"] = null, 401, "missing_token", "Missing authentication token"),
        ["token empty"] = ((m, _) => m["token"] = "", 401, "missing_token", "Missing authentication token"),
        ["token expired"] = ((m, d) => m["token"] = TestTokens.Expired(d.Id), 401, "token_expired", "Token has expired"),
        ["signed by another"] = (
            (m, d) => m["token"] = TestTokens.WrongSecret(d.Id), 401, "invalid_signature", "Invalid token signature"),
        ["signed by another tenant"] = (
            (m, d) => m["token"] = TestTokens.FullAccess(d.Id, TestTenants.Other), 401, "invalid_signature", "Invalid token signature"),
        ["no token but text"] = ((m, _) => m["token"] = "invalid", 401, "invalid_token", "Invalid token: *"),
        ["claims missing"] = (
            (m, d) => m["token"] = TestTokens.Without(d.Id, "scopes"), 401, "missing_claims", "Invalid token: missing claims: scopes"),
        ["token of another tenant, well signed"] = (
            (m, d) => m["token"] = OfTenant("other", d.Id), 403, "tenant_mismatch", "Token not valid for this tenant"),
        ["token of another document"] = (
            (m, _) => m["token"] = TestTokens.FullAccess("other"), 403, "document_mismatch", "Token not valid for this document"),
        ["no doc:read"] = (
            (m, d) => m["token"] = TestTokens.Mint(d.Id, ["doc:write"]), 403, "missing_scope", "Token missing required scope: doc:read"),
        ["write without doc:write"] = (
            (m, d) => m["token"] = TestTokens.ReadOnly(d.Id), 403, "missing_scope", "Write mode requires doc:write scope"),
    };

    public static TheoryData<string, ChannelFormat> Cases()
    {
        var cases = new TheoryData<string, ChannelFormat>();
        foreach (var name in Rows.Keys)
        {
            cases.Add(name, ChannelFormat.Json);
            cases.Add(name, ChannelFormat.MessagePack);
        }

        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public async Task A_connection_is_refused_by_name_and_a_better_one_on_the_same_channel_succeeds(string name, ChannelFormat format)
    {
        var (spoil, code, reason, message) = Rows[name];
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await DocumentClient.JoinAsync(document, format);
        var payload = document.ConnectMessage();
        spoil(payload, document);

        AssertRefused(code, reason, message, await client.TryConnectAsync(payload));
        Assert.Empty(await document.ReadDeltasAsync());
        await client.ConnectAsync(document.ConnectMessage());
    }

    [Theory, InEachFormat]
    public async Task An_unknown_tenant_is_refused_by_name(ChannelFormat format)
    {
        var tenant = TestTenants.Unknown;
        await using var channel = await ChannelClient.ConnectAsync(fixture.Server.Url, format, TestContext.Current.CancellationToken);
        var topic = $"document:{tenant.Id}:doc";
        await channel.JoinAsync(topic, TestContext.Current.CancellationToken);
        var reference = await channel.PushAsync(
            topic,
            "connect_document",
            new { tenantId = tenant.Id, id = "doc", client = new { }, mode = "read", token = TestTokens.FullAccess("doc", tenant) },
            TestContext.Current.CancellationToken);

        var reply = await channel.ExpectReplyAsync(reference, "error", cancellationToken: TestContext.Current.CancellationToken);
        AssertRefused(401, "unknown_tenant", "Unknown tenant", reply.Response);
        var error = await channel.ExpectPushAsync("connect_document_error", cancellationToken: TestContext.Current.CancellationToken);
        Json.AssertEqual(Json.Of(new { code = 401, message = "Unknown tenant" }), error.Payload);
    }

    [Theory, InEachFormat]
    public async Task A_document_that_was_never_created_is_refused_by_name(ChannelFormat format)
    {
        var document = TestDocument.Unknown(fixture.Server);
        await using var client = await DocumentClient.JoinAsync(document, format);
        AssertRefused(404, "session_not_found", "*", await client.TryConnectAsync(document.ConnectMessage()));
    }

    [Theory, InEachFormat]
    public async Task A_document_that_can_not_be_loaded_is_refused_by_name_and_others_go_on(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await document.SpoilInitialStateAsync();
        await using var client = await DocumentClient.JoinAsync(document, format);
        AssertRefused(500, "session_start_failed", "*", await client.TryConnectAsync(document.ConnectMessage()));

        await using var elsewhere = await (await TestDocument.CreateAsync(fixture.Server)).ConnectAsync();
        await elsewhere.WriteAsync(elsewhere.Op());
    }

    [Theory, InEachFormat]
    public async Task One_client_too_many_is_refused_by_name_until_another_leaves(ChannelFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Sessions:MaxConnectionsPerDocument"] = "1" }, TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var first = await document.ConnectAsync(format: format);
        await using var second = await DocumentClient.JoinAsync(document, format);
        AssertRefused(
            429,
            "too_many_clients",
            "As many clients are connected to this document as the server allows; try again later",
            await second.TryConnectAsync(document.ConnectMessage()));
        await first.LeaveAsync();
        await second.ConnectAsync(document.ConnectMessage());
    }

    [Theory]
    [InlineData("document:only-a-tenant")]
    [InlineData("document::no-tenant")]
    [InlineData("document:no-document:")]
    [InlineData("document:dev-tenant:a/b")]
    [InlineData("document:dev-tenant:\u001b[31mred")]
    [InlineData("document:dev tenant:x")]
    public async Task A_topic_of_another_form_is_refused_at_join(string topic)
    {
        await using var channel = await ChannelClient.ConnectAsync(
            fixture.Server.Url, cancellationToken: TestContext.Current.CancellationToken);
        var reference = await channel.PushJoinAsync(topic, cancellationToken: TestContext.Current.CancellationToken);
        var reply = await channel.ExpectReplyAsync(reference, "error", cancellationToken: TestContext.Current.CancellationToken);
        Json.AssertEqual(Json.Of(new { reason = "invalid_topic" }), reply.Response);
    }

    private static void AssertRefused(int code, string reason, string message, JsonElement? response)
    {
        Assert.NotNull(response);
        Assert.Equal(["reason", "code", "message"], response.Value.MemberNames());
        Assert.Equal((code, reason), (response.Value.Number("code"), response.Value.Text("reason")));
        if (message.EndsWith('*'))
        {
            Assert.StartsWith(message[..^1], response.Value.Text("message"));
            Assert.NotEqual(message[..^1], response.Value.Text("message"));
        }
        else
        {
            Assert.Equal(message, response.Value.Text("message"));
        }
    }

    private static string OfTenant(string tenantId, string documentId)
    {
        var now = DateTimeOffset.UtcNow;
        return TestTokens.Sign(
            new JsonObject
            {
                ["tenantId"] = tenantId,
                ["documentId"] = documentId,
                ["scopes"] = new JsonArray("doc:read", "doc:write"),
                ["user"] = new JsonObject { ["id"] = "u" },
                ["iat"] = now.ToUnixTimeSeconds(),
                ["exp"] = now.AddHours(1).ToUnixTimeSeconds(),
                ["ver"] = "1.0",
            },
            TestTenants.Default.Secret);
    }
}
