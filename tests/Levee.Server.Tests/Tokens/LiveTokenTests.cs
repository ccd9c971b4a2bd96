using System.Net.WebSockets;
using System.Text.Json;
using Levee.Server.Tests.Documents;
using Levee.Server.Tests.SocketIo;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Tokens;

/// <summary>What becomes of an open connection when its token expires or is revoked, in both dialects.</summary>
public sealed class LiveTokenTests
{
    private static readonly TimeSpan Life = TimeSpan.FromSeconds(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, ChannelFormat> Subjects
    {
        get
        {
            var subjects = new TheoryData<string, ChannelFormat>();
            foreach (var subject in new[] { "jti", "userId", "tenant" })
            {
                subjects.Add(subject, ChannelFormat.Json);
                subjects.Add(subject, ChannelFormat.MessagePack);
            }

            return subjects;
        }
    }

    [Theory, InEachFormat]
    public async Task A_channel_ends_with_its_token_and_says_why_while_its_socket_and_other_channels_stay(ChannelFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var brief = await TestDocument.CreateAsync(server);
        var other = await TestDocument.CreateAsync(server);
        await using var witness = await brief.ConnectAsync(mode: "read");
        await using var socket = await ChannelClient.ConnectAsync(server.Url, format, Ct);
        socket.Timeout = TimeSpan.FromSeconds(30);
        await socket.ConnectDocumentAsync(other.Tenant, other.Id, other.FullAccess, cancellationToken: Ct);
        var token = TestTokens.Mint(brief.Id, ["doc:read", "doc:write"], lifetime: Life);
        var connected = await socket.ConnectDocumentAsync(brief.Tenant, brief.Id, token, cancellationToken: Ct);

        var error = await socket.ExpectPushAsync("connect_document_error", cancellationToken: Ct);
        Assert.InRange(
            DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), connected.GetProperty("claims").Number("exp") * 1000, long.MaxValue);
        Assert.Equal(brief.Topic, error.Topic);
        Json.AssertEqual(Json.Of(new { code = 401, message = "Token has expired" }), error.Payload);
        await socket.ExpectPushAsync("phx_close", frame => frame.Topic == brief.Topic, cancellationToken: Ct);
        await witness.ReceiveAsync(message => message.IsLeaveOf(connected.Text("clientId")!));

        var gone = await socket.PushAsync(brief.Topic, "submitOp", new { }, Ct);
        Assert.Equal("unmatched topic", (await socket.ExpectReplyAsync(gone, "error", cancellationToken: Ct)).Response.Text("reason"));
        var alive = await socket.PushAsync(other.Topic, "requestOps", new { from = 0 }, Ct);
        await socket.ExpectReplyAsync(alive, "ok", cancellationToken: Ct);
        await socket.ConnectDocumentAsync(brief.Tenant, brief.Id, brief.FullAccess, cancellationToken: Ct);
    }

    [Fact]
    public async Task Phoenixs_own_client_is_told_does_not_rejoin_by_itself_and_comes_back_with_another_token()
    {
        NodeScript.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var document = await TestDocument.CreateAsync(server);
        var other = await TestDocument.CreateAsync(server);
        var printed = await NodeScript.RunAsync(
            "document-tokens.mjs",
            $"ws://{server.Url.Authority}/socket",
            document.Tenant,
            TestTenants.Default.Secret,
            document.Id,
            other.Id);
        Assert.Equal(["{\"code\":401,\"message\":\"Token has expired\"}", "closed", "back"], printed.Split('\n'));
    }

    [Theory, MemberData(nameof(Subjects))]
    public async Task Revoked_tokens_end_their_connections_of_both_dialects_and_no_others(string subject, ChannelFormat format)
    {
        await using var server = await Operator.StartServerAsync();
        var document = await TestDocument.CreateAsync(server);
        var elsewhere = await TestDocument.CreateAsync(server);
        // Of before, so that the others' tokens are of before as well.
        var token = Token(document, "eve");
        await using var eve = await document.ConnectAsync(token, format: format);
        await using var stock = await StockClient.ConnectAsync(document, token);
        await using var polling = await StockClient.ConnectAsync(document, token, "read", transport: SocketIoTransport.Polling);
        await using var ann = await elsewhere.ConnectAsync(Token(elsewhere, "ann"), format: format);
        await using var bob = await StockClient.ConnectAsync(elsewhere, Token(elsewhere, "bob"));

        var revocation = await new Operator(server).RevokeAsync(subject switch
        {
            "jti" => new { tenantId = document.Tenant, jti = Jti(token) },
            "userId" => new { tenantId = document.Tenant, userId = "eve" },
            _ => (object)new { tenantId = document.Tenant },
        });

        Json.AssertEqual(Json.Of(new { code = 401, message = "Token has been revoked" }), await eve.EventAsync("connect_document_error"));
        await eve.FrameAsync("phx_close");
        Assert.Equal("41", await stock.Socket.ExpectPacketAsync("41", cancellationToken: Ct));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await stock.ClosedAsync());
        Assert.Equal("41", await polling.Socket.ExpectPacketAsync("41", cancellationToken: Ct));
        Assert.InRange((At(revocation, "takesEffectAt") - At(revocation, "revokedAt")).TotalMilliseconds, 0, 1000);
        if (subject == "tenant")
        {
            await ann.FrameAsync("phx_close");
            await bob.ClosedAsync();
        }
        else
        {
            await ann.WriteAsync(ann.Op());
            await bob.WriteAsync(bob.Op());
        }

        await AssertRefusedEverywhereAsync(document, token);
        await AssertServedEverywhereAsync(document, TestTokens.FullAccess(document.Id));
    }

    [Fact]
    public async Task A_revocation_outlives_a_restart_and_ends_when_it_is_deleted()
    {
        await using var server = await Operator.StartServerAsync();
        var document = await TestDocument.CreateAsync(server);
        var token = Token(document, "eve");
        var root = new Operator(server);
        var revocation = await root.RevokeAsync(new { tenantId = document.Tenant, userId = "eve" });
        await server.RestartAsync(Ct);
        await AssertRefusedEverywhereAsync(document, token);

        using var deleted = await root.SendAsync(HttpMethod.Delete, $"/api/admin/revocations/{revocation.Text("id")}");
        Assert.True(deleted.IsSuccessStatusCode);
        await AssertServedEverywhereAsync(document, token);
    }

    [Fact]
    public async Task Neither_the_key_nor_a_token_nor_whom_it_names_reaches_the_log()
    {
        await using var server = await Operator.StartServerAsync();
        var document = await TestDocument.CreateAsync(server);
        var token = Token(document, "eve-the-user");
        await using var eve = await document.ConnectAsync(token);
        await new Operator(server).RevokeAsync(new { tenantId = document.Tenant, userId = "eve-the-user", reason = "a private note" });
        await eve.FrameAsync("phx_close");
        await AssertRefusedEverywhereAsync(document, token);

        Assert.Contains("token_revoked", server.Log, StringComparison.Ordinal);
        Assert.All(
            new[] { Operator.Key, token, Jti(token), "eve-the-user", "a private note" },
            secret => Assert.DoesNotContain(secret, server.Log, StringComparison.Ordinal));
    }

    /// <summary>A token as of some seconds ago.</summary>
    private static string Token(TestDocument document, string user) =>
        TestTokens.Mint(document.Id, ["doc:read", "doc:write", "summary:write"], userId: user, lifetime: TimeSpan.FromMinutes(50));

    private static string Jti(string token)
    {
        var payload = System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]);
        return JsonSerializer.Deserialize<JsonElement>(payload).Text("jti")!;
    }

    private static DateTimeOffset At(JsonElement revocation, string name) => revocation.GetProperty(name).GetDateTimeOffset();

    private static async Task AssertRefusedEverywhereAsync(TestDocument document, string token)
    {
        await using var channel = await DocumentClient.JoinAsync(document);
        var refused = Assert.NotNull(await channel.TryConnectAsync(document.ConnectMessage(token)));
        Json.AssertEqual(Json.Of(new { reason = "token_revoked", code = 401, message = "Token has been revoked" }), refused);
        await using var stock = await StockClient.OpenAsync(document);
        Json.AssertEqual(
            Json.Of(new { code = 401, message = "Token has been revoked" }), await stock.RefusedAsync(StockClient.Message(document, token)));
        foreach (var path in new[] { $"/deltas/{document.Tenant}/{document.Id}", $"/repos/{document.Tenant}/git/refs" })
        {
            using var answer = await document.SendAsync(HttpMethod.Get, path, token: token);
            Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("""{"error":"Token has been revoked"}""", await answer.Content.ReadAsStringAsync(Ct));
        }
    }

    private static async Task AssertServedEverywhereAsync(TestDocument document, string token)
    {
        await using var channel = await document.ConnectAsync(token);
        await using var stock = await StockClient.ConnectAsync(document, token);
        await stock.WriteAsync(stock.Op());
        using var answer = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}", token: token);
        Assert.True(answer.IsSuccessStatusCode);
    }
}
