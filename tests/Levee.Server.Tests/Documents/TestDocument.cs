using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;
using Microsoft.Data.Sqlite;

namespace Levee.Server.Tests.Documents;

/// <summary>A document on a server, with nobody in it.</summary>
internal sealed class TestDocument
{
    private static readonly HttpClient Http = new();

    private readonly TestTenant _tenant;

    private TestDocument(LeveeTestServer server, string id, TestTenant tenant) => (Server, Id, _tenant) = (server, id, tenant);

    public LeveeTestServer Server { get; }

    public string Id { get; }

    public string Tenant => _tenant.Id;

    public string Topic => $"document:{Tenant}:{Id}";

    public string FullAccess => TestTokens.FullAccess(Id, _tenant);

    /// <summary>Creates one, with an id that nobody has used when none is given.</summary>
    public static async Task<TestDocument> CreateAsync(LeveeTestServer server, string? id = null)
    {
        var document = id is null ? Unknown(server) : new TestDocument(server, id, TestTenants.Default);
        using var answer = await document.SendAsync(HttpMethod.Post, $"/documents/{document.Tenant}", new { id = document.Id });
        answer.EnsureSuccessStatusCode();
        return document;
    }

    /// <summary>One that was never created.</summary>
    public static TestDocument Unknown(LeveeTestServer server) => new(server, Guid.NewGuid().ToString("N"), TestTenants.Default);

    /// <summary>The one of the same id of another tenant.</summary>
    public TestDocument OfTenant(TestTenant tenant) => new(Server, Id, tenant);

    /// <summary>Joins its channel and connects.</summary>
    public async Task<DocumentClient> ConnectAsync(
        string? token = null, string mode = "write", long? lastSeen = null, ChannelFormat format = ChannelFormat.Json)
    {
        var client = await DocumentClient.JoinAsync(this, format);
        await client.ConnectAsync(ConnectMessage(token, mode, lastSeen));
        return client;
    }

    /// <summary>The payload of a connect_document that succeeds.</summary>
    public JsonObject ConnectMessage(string? token = null, string mode = "write", long? lastSeen = null)
    {
        var message = new JsonObject
        {
            ["tenantId"] = Tenant,
            ["id"] = Id,
            ["token"] = token ?? FullAccess,
            ["client"] = new JsonObject { ["details"] = new JsonObject { ["capabilities"] = new JsonObject { ["interactive"] = true } } },
            ["mode"] = mode,
            ["versions"] = new JsonArray("^0.1.0", "^1.0.0"),
        };
        if (lastSeen is not null)
        {
            message["lastSeenSequenceNumber"] = lastSeen;
        }

        return message;
    }

    /// <summary>Sends a request with a full access token, or another one.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(Server.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? FullAccess);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a request that succeeds, and returns its answer.</summary>
    public async Task<JsonElement> AskAsync(HttpMethod method, string path, object? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {(int)answer.StatusCode} {text}");
        return Json.Of(text);
    }

    /// <summary>The stored messages, page after page.</summary>
    public async Task<List<JsonElement>> ReadDeltasAsync()
    {
        var messages = new List<JsonElement>();
        while (true)
        {
            var from = messages.Count == 0 ? 0 : messages[^1].SequenceNumber();
            var page = (await AskAsync(HttpMethod.Get, $"/deltas/{Tenant}/{Id}?from={from}")).GetProperty("value");
            if (page.GetArrayLength() == 0)
            {
                return messages;
            }

            messages.AddRange(page.EnumerateArray());
        }
    }

    /// <summary>The commit at which the document's ref points; null when there is none.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        using var answer = await SendAsync(HttpMethod.Get, $"/repos/{Tenant}/git/refs/heads/{Id}");
        return answer.IsSuccessStatusCode
            ? Json.Of(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).GetProperty("object").Text("sha")
            : null;
    }

    /// <summary>Makes the document one that can not be loaded.</summary>
    public async Task SpoilInitialStateAsync()
    {
        var file = Assert.Single(Directory.GetFiles(Server.DataDirectory, "*.db"));
        await using var database = new SqliteConnection($"Data Source={file};Pooling=False");
        await database.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = database.CreateCommand();
        command.CommandText =
            "UPDATE initial_states SET state = x'00' WHERE document_id = (SELECT id FROM documents WHERE document = $document)";
        command.Parameters.AddWithValue("$document", Id);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));
    }
}
