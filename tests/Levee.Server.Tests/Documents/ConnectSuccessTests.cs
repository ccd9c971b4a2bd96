using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>What <c>connect_document_success</c> says, member by member: the contract, section 3.</summary>
public sealed class ConnectSuccessTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, InEachFormat]
    public async Task Every_member_has_the_contracts_value(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var token = TestTokens.ReadWrite(document.Id);
        await using var client = await document.ConnectAsync(token, format: format);
        var connected = client.Connected;

        Assert.Equal(
            [
                "claims", "clientId", "existing", "maxMessageSize", "mode", "serviceConfiguration", "initialClients", "initialMessages",
                "initialSignals", "supportedVersions", "supportedFeatures", "version", "checkpointSequenceNumber",
            ],
            connected.MemberNames());
        Json.AssertEqual(ClaimsOf(token), connected.GetProperty("claims"));
        Assert.True(Guid.TryParse(client.Id, out _));
        Assert.True(connected.GetProperty("existing").GetBoolean());
        Assert.Equal("write", connected.Text("mode"));
        Assert.Equal(1 << 20, connected.Number("maxMessageSize"));
        Json.AssertEqual(Json.Of(new { blockSize = 65536, maxMessageSize = 1 << 20 }), connected.GetProperty("serviceConfiguration"));
        Json.AssertEqual(Json.Of("[]"), connected.GetProperty("initialMessages"));
        Json.AssertEqual(Json.Of("[]"), connected.GetProperty("initialSignals"));
        Json.AssertEqual(Json.Of("""["^0.1.0","^1.0.0"]"""), connected.GetProperty("supportedVersions"));
        Json.AssertEqual(Json.Of("""{"submit_signals_v2":true}"""), connected.GetProperty("supportedFeatures"));
        Assert.Equal("^0.1.0", connected.Text("version"));
        Assert.Equal(0, connected.Number("checkpointSequenceNumber"));

        var self = Assert.Single(connected.GetProperty("initialClients").EnumerateArray());
        Assert.Equal(["clientId", "client", "mode"], self.MemberNames());
        Assert.Equal((client.Id, "write"), (self.Text("clientId"), self.Text("mode")));
        Json.AssertEqual(
            Json.Of("""
                {"details":{"capabilities":{"interactive":true}},"mode":"write",
                 "user":{"id":"test-user","name":"test-user"},"scopes":["doc:read","doc:write"]}
                """),
            self.GetProperty("client"));
    }

    [Fact]
    public async Task Claims_are_the_bytes_that_were_signed()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var message = document.ConnectMessage();
        Assert.Equal(
            ["tenantId", "documentId", "scopes", "user", "iat", "exp", "ver", "jti"],
            client.Connected.GetProperty("claims").MemberNames());

        await using var other = await DocumentClient.JoinAsync(document);
        await other.ConnectAsync(message);
        Assert.Equal(ClaimsOf((string)message["token"]!).GetRawText(), other.Connected.GetProperty("claims").GetRawText());
    }

    [Fact]
    public async Task Initial_clients_are_all_who_are_there_and_the_new_one()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read");
        await using var gone = await document.ConnectAsync(mode: "read");
        await gone.LeaveAsync();
        await writer.EventAsync("signal");
        await writer.EventAsync("signal");
        // The leave of a reader is told by a signal: the third one.
        await writer.EventAsync("signal");
        await using var last = await document.ConnectAsync();

        Assert.Equal(
            new[] { (writer.Id, "write"), (reader.Id, "read"), (last.Id, "write") }.Order(),
            last.Connected.GetProperty("initialClients").EnumerateArray()
                .Select(client => (client.Text("clientId")!, client.Text("mode")!)).Order());
        Assert.Equal(1, last.Connected.Number("checkpointSequenceNumber"));
    }

    [Fact]
    public async Task User_scopes_and_mode_are_the_services_word_and_the_rest_is_the_clients()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var message = document.ConnectMessage();
        message["client"] = JsonNode.Parse("""
            {"user":{"id":"somebody else"},"scopes":["everything"],"mode":"read","permission":["p"],"timestamp":7,"details":{"environment":"e"}}
            """);
        await using var client = await DocumentClient.JoinAsync(document);
        await client.ConnectAsync(message);

        var expected = Json.Of("""
            {"permission":["p"],"timestamp":7,"details":{"environment":"e","capabilities":{"interactive":true}},
             "mode":"write","user":{"id":"test-user","name":"test-user"},
             "scopes":["doc:read","doc:write","summary:read"]}
            """);
        Json.AssertEqual(expected, client.Connected.GetProperty("initialClients")[0].GetProperty("client"));
        // The same record is in the sequenced join.
        var join = await client.ReceiveAsync(received => received.IsJoinOf(client.Id));
        Json.AssertEqual(expected, Json.Of(join.Text("data")!).GetProperty("detail"));
        Assert.Equal((null, -1L, -1L), (join.Text("clientId"), join.Number("clientSequenceNumber"), join.Number("referenceSequenceNumber")));
        Assert.Equal(JsonValueKind.Null, join.GetProperty("contents").ValueKind);
    }

    [Fact]
    public async Task Only_a_summarizer_shows_summary_write()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        foreach (var details in new[] { """{"type":"summarizer"}""", """{"capabilities":{"interactive":false}}""" })
        {
            var message = document.ConnectMessage();
            message["client"] = JsonNode.Parse($$"""{"details":{{details}}}""");
            await using var client = await DocumentClient.JoinAsync(document);
            await client.ConnectAsync(message);
            var self = client.Connected.GetProperty("initialClients").EnumerateArray().Single(other => other.Text("clientId") == client.Id);
            var scopes = self.GetProperty("client").GetProperty("scopes").EnumerateArray();
            Assert.Contains("summary:write", scopes.Select(scope => scope.GetString()));
        }
    }

    [Theory]
    [InlineData("\"n-1\"")]
    [InlineData("17")]
    public async Task A_nonce_comes_back_as_it_was_sent(string nonce)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var message = document.ConnectMessage();
        message["nonce"] = JsonNode.Parse(nonce);
        await using var client = await DocumentClient.JoinAsync(document);
        await client.ConnectAsync(message);
        Assert.Equal(nonce, client.Connected.GetProperty("nonce").GetRawText());
    }

    [Theory]
    [InlineData("""["^1.0.0"]""", "^1.0.0")]
    [InlineData("""["^9.0.0","^1.0.0","^0.1.0"]""", "^1.0.0")]
    [InlineData("""["^9.0.0"]""", "^0.1.0")]
    [InlineData("""[]""", "^0.1.0")]
    public async Task The_version_is_the_first_that_both_know(string versions, string expected)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var message = document.ConnectMessage();
        message["versions"] = JsonNode.Parse(versions);
        await using var client = await DocumentClient.JoinAsync(document);
        await client.ConnectAsync(message);
        Assert.Equal(expected, client.Connected.Text("version"));
    }

    [Fact]
    public async Task After_a_summary_its_context_is_told()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        Assert.DoesNotContain("summaryContext", client.Connected.MemberNames());
        await client.WriteAsync(client.Op());
        var handle = await new SummaryUpload(document).UploadAsync("one");
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, ""), reference: 2, type: "summarize"));
        var ack = await client.EventAsync("summaryAck");

        await using var later = await document.ConnectAsync();
        Json.AssertEqual(
            Json.Of(new { handle = ack.GetProperty("contents").Text("handle"), sequenceNumber = 2 }),
            later.Connected.GetProperty("summaryContext"));
    }

    private static JsonElement ClaimsOf(string token) =>
        Json.Of(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token.Split('.')[1])));
}
