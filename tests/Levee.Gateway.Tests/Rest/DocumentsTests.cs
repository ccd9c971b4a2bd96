using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;
using Levee.Sessions;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Tests.Rest;

public sealed class DocumentsTests(RestServer server) : IClassFixture<RestServer>
{
    [Theory]
    [InlineData("")]
    [InlineData("__new__")]
    public async Task A_token_for_a_new_document_creates_one_with_a_generated_id(string document)
    {
        var id = (string)(await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(document), new JsonObject()))!;
        Assert.Matches("^[0-9a-f]{32}$", id);
        var answer = await server.ExpectAsync(200, "GET", $"/documents/acme/{id}", server.Token(id));
        Assert.Equal($$"""{"id":"{{id}}","tenantId":"acme","sequenceNumber":0}""", answer.ToJsonString());
    }

    [Theory]
    [InlineData("__new__")]
    [InlineData("same")]
    public async Task The_id_may_be_asked_for(string document)
    {
        var id = document == "same" ? RestServer.NewId() : "a-b_c.d~e:f@g+h=" + RestServer.NewId();
        var token = server.Token(document == "same" ? id : document);
        Assert.Equal(id, (string)(await server.ExpectAsync(201, "POST", "/documents/acme", token, new JsonObject { ["id"] = id }))!);
        var answer = await server.ExpectAsync(200, "GET", $"/documents/acme/{Uri.EscapeDataString(id)}", server.Token(id));
        Assert.Equal(id, (string)answer["id"]!);
    }

    [Fact]
    public async Task An_id_that_exists_is_refused()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        Assert.Equal(
            "Document already exists",
            await server.ExpectErrorAsync(409, "POST", "/documents/acme", server.Token(id), new JsonObject { ["id"] = id }));
    }

    [Fact]
    public async Task Of_many_who_create_one_document_one_succeeds()
    {
        var id = RestServer.NewId();
        var token = server.Token(id);
        var statuses = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            using var response = await server.SendJsonAsync("POST", "/documents/acme", token, $$"""{"id":"{{id}}"}""");
            return response.StatusCode;
        }));
        Assert.Single(statuses, HttpStatusCode.Created);
        Assert.Equal(15, statuses.Count(status => status == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("é")]
    [InlineData("__new__")]
    public async Task An_id_of_another_form_is_refused(string id)
    {
        var error = await server.ExpectErrorAsync(400, "POST", "/documents/acme", server.Token(""), new JsonObject { ["id"] = id });
        Assert.Equal($"id must be {DocumentId.Form}", error);
    }

    [Fact]
    public async Task The_longest_id_is_taken_and_a_longer_one_refused()
    {
        var longest = RestServer.NewId() + new string('x', DocumentId.MaxLength - 32);
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(""), new JsonObject { ["id"] = longest });
        await server.ExpectErrorAsync(400, "POST", "/documents/acme", server.Token(""), new JsonObject { ["id"] = longest + "x" });
    }

    [Fact]
    public async Task A_client_that_asks_for_discovery_gets_the_session_too()
    {
        var answer = await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(""), new JsonObject { ["enableDiscovery"] = true });
        Assert.Equal(["id", "session"], answer.AsObject().Select(member => member.Key));
        Assert.Equal(
            $$"""{"ordererUrl":"{{server.Address}}","historianUrl":"{{server.Address}}","deltaStreamUrl":"{{server.Address}}","isSessionAlive":false,"isSessionActive":false}""",
            answer["session"]!.ToJsonString());
    }

    [Fact]
    public async Task The_log_starts_above_the_given_number()
    {
        var id = RestServer.NewId();
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), new JsonObject { ["id"] = id, ["sequenceNumber"] = 41 });
        Assert.Equal(41, (int)(await server.ExpectAsync(200, "GET", $"/documents/acme/{id}", server.Token(id)))["sequenceNumber"]!);
    }

    [Fact]
    public async Task Values_become_the_initial_quorum()
    {
        var id = RestServer.NewId();
        var body = JsonNode.Parse($$"""
            {"id":"{{id}}","values":[["code",{"key":"code","value":{"package":"p"},"approvalSequenceNumber":0,"commitSequenceNumber":0,"sequenceNumber":0}]]}
            """);
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), body);
        var record = await server.Store.FindDocumentAsync(new DocumentKey("acme", id), TestContext.Current.CancellationToken);
        var value = Assert.Single(QuorumJson.ReadValues(record!.InitialState));
        Assert.Equal("code", value.Key);
        Assert.Equal("""{"package":"p"}""", Encoding.UTF8.GetString(value.Value.Span));
    }

    [Theory]
    [InlineData("""{"id":5}""", "id must be a string")]
    [InlineData("""{"sequenceNumber":"1"}""", "sequenceNumber must be an integer")]
    [InlineData("""{"sequenceNumber":1.5}""", "sequenceNumber must be an integer")]
    [InlineData("""{"sequenceNumber":-1}""", "sequenceNumber must be from 0 to 9007199254740991")]
    [InlineData("""{"enableDiscovery":"yes"}""", "enableDiscovery must be true or false")]
    [InlineData("""{"values":{}}""", "values must be a list of pairs [key, {key, value, sequenceNumber, approvalSequenceNumber}]")]
    [InlineData("""{"values":[["code"]]}""", "values must be a list of pairs [key, {key, value, sequenceNumber, approvalSequenceNumber}]")]
    [InlineData("""{"summary":5}""", "summary must be an object")]
    [InlineData("""{"summary":{"type":2,"content":""}}""", "summary must be a tree (type 1)")]
    [InlineData("""[]""", "Request body must be a JSON object")]
    [InlineData("""{"id":""", "Request body is not valid JSON")]
    [InlineData("""{} {}""", "Request body is not valid JSON")]
    [InlineData("", "Request body is not valid JSON")]
    public async Task A_body_of_another_shape_is_refused_by_name(string body, string error)
    {
        using var response = await server.SendJsonAsync("POST", "/documents/acme", server.Token(""), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(error, (string)JsonNode.Parse(text)!["error"]!);
    }

    [Theory]
    [InlineData("/documents/acme/{0}")]
    [InlineData("/documents/acme/session/{0}")]
    [InlineData("/deltas/acme/{0}")]
    public async Task An_unknown_document_is_not_found(string path)
    {
        var id = RestServer.NewId();
        var error = await server.ExpectErrorAsync(404, "GET", path.Replace("{0}", id, StringComparison.Ordinal), server.Token(id));
        Assert.Equal("Document not found", error);
    }

    [Fact]
    public async Task Session_info_gives_the_address_of_the_request()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        var answer = await server.ExpectAsync(200, "GET", $"/documents/acme/session/{id}", server.Token(id));
        Assert.Equal(server.Address, (string)answer["ordererUrl"]!);
        Assert.False((bool)answer["isSessionAlive"]!);
    }

    [Fact]
    public async Task Session_info_tells_a_live_document_from_a_sleeping_one()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        var client = new IdleClient();
        var detail = ClientDetail.Parse("""{"mode":"read","scopes":["doc:read"],"user":{"id":"ann"}}"""u8.ToArray());
        var sessions = server.Services.GetRequiredService<SessionDirectory>();
        var connection = new DocumentConnection(client, detail, maySummarize: false);
        await sessions.ConnectAsync(new DocumentKey("acme", id), connection);
        await client.Connected.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var answer = await server.ExpectAsync(200, "GET", $"/documents/acme/session/{id}", server.Token(id));
        Assert.True((bool)answer["isSessionAlive"]!);
        Assert.True((bool)answer["isSessionActive"]!);
        await connection.DisconnectAsync();
    }

    [Fact]
    public async Task Any_content_type_is_taken_for_json()
    {
        using var response = await server.SendAsync(
            "POST", "/documents/acme", server.Token(""), new StringContent("{}", Encoding.UTF8, "text/plain"));
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    /// <summary>A client that listens and says nothing.</summary>
    private sealed class IdleClient : IDocumentClient
    {
        public TaskCompletionSource Connected { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnConnected(ConnectedDocument document) => Connected.SetResult();

        public void OnRefused(ConnectRefusal refusal) => Connected.SetException(new InvalidOperationException($"Refused: {refusal}"));

        public void OnOps(OpsBroadcast ops)
        {
        }

        public void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks)
        {
        }

        public void OnSignal(SignalBroadcast signal)
        {
        }

        public void OnSessionEnded(SessionEnd end)
        {
        }

        public ValueTask<IDisposable?> TakeTurnAsync() => ValueTask.FromResult<IDisposable?>(new MemoryStream());
    }
}
