using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.SocketIo;

/// <summary>What a stock client that connects is told, in which order, and what it may do.</summary>
public sealed class ConnectSuccessTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static readonly string[] Summarizing = ["doc:read", "summary:write"];

    public static TheoryData<SocketIoTransport> Transports => [SocketIoTransport.WebSocket, SocketIoTransport.Polling];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Transports))]
    public async Task A_writer_gets_its_join_signal_then_success_then_its_join_op(SocketIoTransport transport)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document, transport);
        await client.Socket.EmitAsync("connect_document", StockClient.Message(document));

        var signal = await client.Socket.ExpectPacketAsync("42", cancellationToken: Test);
        var success = await client.Socket.ExpectPacketAsync("42", cancellationToken: Test);
        var ops = await client.Socket.ExpectPacketAsync("42", cancellationToken: Test);
        Assert.StartsWith("42[\"signal\",{\"content\":\"{\\\"type\\\":\\\"join\\\"", signal);
        Assert.StartsWith("42[\"connect_document_success\",", success);
        Assert.StartsWith($"42[\"op\",\"{document.Id}\",[{{", ops);
        var id = Json.Of(success[2..])[1].Text("clientId")!;
        var join = Assert.Single(Json.Of(ops[2..])[2].EnumerateArray());
        Assert.True(join.IsJoinOf(id));
        Json.AssertEqual(
            Json.Of(new { clientId = id, client = Json.Of(join.Text("data")!).GetProperty("detail") }),
            Json.Of(Json.Of(signal[2..])[1].Text("content")!).GetProperty("content"));
    }

    [Theory]
    [InlineData("write", 16384)]
    [InlineData("read", 1024)]
    public async Task Success_says_all_that_the_reference_service_says(string mode, int maxMessageSize)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var before = await document.ConnectAsync();
        await before.WriteAsync(before.Op());
        var token = document.FullAccess;
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document, token, mode);
        message["nonce"] = "n\u00e9";
        var earliest = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        await client.ConnectAsync(message);

        var claims = Json.Of(System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1])));
        var other = before.Connected.GetProperty("initialClients")[0];
        var expected = JsonSerializer.SerializeToNode(new
        {
            claims,
            clientId = client.Id,
            existing = true,
            maxMessageSize,
            mode,
            serviceConfiguration = new { blockSize = 64436, maxMessageSize = 16384 },
            initialClients = new[] { new { clientId = before.Id, client = other.GetProperty("client") } },
            initialMessages = Array.Empty<int>(),
            initialSignals = Array.Empty<int>(),
            supportedVersions = new[] { "^0.4.0", "^0.3.0", "^0.2.0", "^0.1.0" },
            supportedFeatures = new { submit_signals_v2 = true },
            version = "^0.4.0",
            timestamp = client.Connected.Number("timestamp"),
            checkpointSequenceNumber = 2,
            nonce = "n\u00e9",
        })!;
        Json.AssertEqual(expected.Deserialize<JsonElement>(), client.Connected);
        Assert.InRange(client.Connected.Number("timestamp"), earliest, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task The_initial_clients_are_all_others_of_both_dialects_and_both_modes()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var channelWriter = await document.ConnectAsync();
        await using var channelReader = await document.ConnectAsync(mode: "read");
        await using var writer = await StockClient.ConnectAsync(document);
        await using var reader = await StockClient.ConnectAsync(document, mode: "read");
        await using var last = await StockClient.ConnectAsync(document);

        var ids = last.Connected.GetProperty("initialClients").EnumerateArray().Select(client => client.Text("clientId")!);
        Assert.Equal(new[] { channelWriter.Id, channelReader.Id, writer.Id, reader.Id }.Order(), ids.Order());
        await using var channelLast = await document.ConnectAsync();
        Assert.Contains(
            last.Id, channelLast.Connected.GetProperty("initialClients").EnumerateArray().Select(client => client.Text("clientId")));
    }

    [Theory]
    [InlineData("write", new[] { "doc:read", "doc:write" }, "write")]
    [InlineData("write", new[] { "doc:read", "summary:write" }, "write")]
    [InlineData("write", new[] { "doc:read" }, "read")]
    [InlineData("read", new[] { "doc:read", "doc:write", "summary:write" }, "read")]
    public async Task The_mode_is_what_was_asked_for_as_far_as_the_scopes_allow(string asked, string[] scopes, string granted)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document, TestTokens.Mint(document.Id, scopes), asked);
        Assert.Equal(granted, client.Connected.Text("mode"));
        var join = await client.AudienceAsync();
        Assert.Equal(("join", client.Id), (join.Type, join.ClientId));
        Assert.Equal(granted, join.Content.GetProperty("client").Text("mode"));
        Assert.Equal(granted == "write" ? 1 : 0, (await document.ReadDeltasAsync()).Count);
    }

    [Theory]
    [InlineData(null, true, false)]
    [InlineData(null, false, true)]
    [InlineData("summarizer", true, true)]
    public async Task Only_a_summarizers_record_keeps_summary_write(string? type, bool interactive, bool keeps)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document);
        var details = message["client"]!["details"]!;
        details["capabilities"]!["interactive"] = interactive;
        if (type is not null)
        {
            details["type"] = type;
        }

        await client.ConnectAsync(message);
        var detail = (await client.AudienceAsync()).Content.GetProperty("client");
        Assert.Equal(keeps, detail.GetProperty("scopes").EnumerateArray().Any(scope => scope.GetString() == "summary:write"));
        Assert.Equal("test-user", detail.GetProperty("user").Text("id"));
        Assert.Contains(
            "summary:write", client.Connected.GetProperty("claims").GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));

        // And it may summarize only if it does: the nack is the sequencer's, or the summary's own.
        await client.SubmitAsync(client.Op(SummaryUpload.Contents("x", ""), type: "summarize"));
        if (keeps)
        {
            await client.ReceiveAsync(op => op.Type() == "summaryNack");
        }
        else
        {
            var nack = await client.EventAsync("nack");
            Assert.Equal(
                $"Client {client.Id} does not have summary permission", nack.Arguments[1][0].GetProperty("content").Text("message"));
        }
    }

    [Fact]
    public async Task Who_may_summarize_but_not_write_submits_nothing_but_summaries()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document, TestTokens.Mint(document.Id, Summarizing));
        message["client"]!["details"]!["type"] = "summarizer";
        await client.ConnectAsync(message);
        await client.SubmitAsync(client.Op());
        Assert.Equal(
            """42["nack","",[{"sequenceNumber":-1,"content":{"code":403,"type":"InvalidScopeError","message":"Invalid scope"}}]]""",
            (await client.EventAsync("nack")).Packet);
        await client.SubmitAsync(DocumentClient.NumberedOp(1, SummaryUpload.Contents("x", ""), type: "summarize"));
        await client.ReceiveAsync(op => op.Type() == "summaryNack");
    }

    [Theory]
    [InlineData(new[] { "^0.4.0", "^0.3.0", "^0.2.0", "^0.1.0" }, "^0.4.0")]
    [InlineData(new[] { "^0.1.0", "^0.4.0" }, "^0.1.0")]
    [InlineData(new[] { "^2.0.0", "nonsense", "^0.3.5" }, "^0.3.0")]
    [InlineData(new[] { "0.2.7" }, "^0.2.0")]
    [InlineData(new[] { "~0.2" }, "^0.2.0")]
    [InlineData(new[] { "0.x" }, "^0.4.0")]
    [InlineData(new[] { "*" }, "^0.4.0")]
    [InlineData(new[] { ">=0.1.0" }, "^0.4.0")]
    [InlineData(new[] { "^0" }, "^0.4.0")]
    public async Task The_version_is_the_first_in_common(string[] versions, string version)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        var message = StockClient.Message(document, mode: "read");
        message["versions"] = new JsonArray([.. versions.Select(wanted => (JsonNode)wanted)]);
        await client.ConnectAsync(message);
        Assert.Equal(version, client.Connected.Text("version"));
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("00:05:00")]
    public async Task A_token_that_is_good_to_the_end_of_days_is_taken(string clockSkew)
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:Identity:ClockSkew"] = clockSkew }, Test);
        var document = await TestDocument.CreateAsync(server);
        var token = TestTokens.Sign(
            new JsonObject
            {
                ["tenantId"] = document.Tenant,
                ["documentId"] = document.Id,
                ["scopes"] = new JsonArray("doc:read", "doc:write"),
                ["user"] = new JsonObject { ["id"] = "u" },
                ["iat"] = 0,
                ["exp"] = DateTimeOffset.MaxValue.ToUnixTimeSeconds(),
                ["ver"] = "1.0",
            },
            TestTenants.Default.Secret);
        await using var client = await StockClient.ConnectAsync(document, token);
        await client.WriteAsync(client.Op());
    }
}
