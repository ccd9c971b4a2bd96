using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Server.Tests.SocketIo;
using Levee.Sessions;
using Levee.Testing;

namespace Levee.Server.Tests.Tokens;

/// <summary>
/// Ids that are meant to be something else, at every place that takes one: each gets a named answer, no file comes into being, and nothing
/// of another tenant comes out. Tokens are good for the very id, so that the id alone is in question.
/// </summary>
public sealed class PathTrickTests : IAsyncLifetime
{
    private const string Planted = "planted-content-of-the-other-tenant";
    private const int MaxTopic = 1024;
    private const string Mark = "levee-escape-7c1f";

    /// <summary>What an id may look like on its way: as JSON has it, and as a path has it, byte by byte.</summary>
    private static readonly (string Id, string InPath)[] Tricks =
    [
        ("..", ".."), ("..", "%2e%2e"), (".", "%2E"), ("...", "..."),
        ($"../{Mark}", $"../{Mark}"), ($"../{Mark}", $"..%2f{Mark}"), ($"../{Mark}", $"%2e%2e%2f{Mark}"), ($"../{Mark}", $"..%252f{Mark}"),
        ($"..\\{Mark}", $"..%5c{Mark}"), ($"..\\{Mark}", $"..\\{Mark}"), ($"/tmp/{Mark}", $"%2ftmp%2f{Mark}"), ($"/tmp/{Mark}", $"//tmp//{Mark}"),
        ("../fluid/doc", "..%2ffluid%2fdoc"), ("../fluid/doc", "../../fluid/doc"), ("../../fluid/doc", "..;/..;/fluid/doc"),
        ("a/../../fluid", "a%2f..%2f..%2ffluid"), ("fluid:doc", "fluid%3adoc"), ("x/doc", "x%2fdoc"),
        ("doc\0", "doc%00"), ("doc\0", "doc%2500"), ("\0", "%00"), ("doc\u0001\n", "doc%01%0a"), ("doc\r\nX: y", "doc%0d%0aX:%20y"),
        ("../", "%c0%ae%c0%ae%c0%af"), ("../", "%e0%80%ae%e0%80%ae/"), ("doc", "%ff%fe"), ("\ud83e\udd89", "%F0%9F%A6%89"),
        ("\uff0e\uff0e\uff0f", "%EF%BC%8E%EF%BC%8E%EF%BC%8F"), ("d\u043ec", "d%D0%BEc"), ("doc\u200b", "doc%E2%80%8B"),
        ("\u202ecod", "%E2%80%AEcod"), ("ｄｏｃ", "%EF%BD%84%EF%BD%8F%EF%BD%83"), ("doc ", "doc%20"), (" doc", "%20doc"), ("doc", "doc+%20"),
        ("file:///etc/passwd", "file:%2f%2f%2fetc%2fpasswd"), ("C:\\windows", "C:%5cwindows"), ("~/x", "~%2fx"), ("$HOME", "$HOME"), ("`id`", "%60id%60"),
        ("'; DROP TABLE documents; --", "'%3b%20DROP%20TABLE%20documents%3b%20--"), ("doc%", "doc%"), ("doc%zz", "doc%zz"), ("__new__", "__new__"),
        ("levee.db", "levee.db%2f"), (new string('a', 10_000), new string('a', 10_000)), (new string('/', 10_000), string.Concat(Enumerable.Repeat("%2f", 3000))),
        (string.Concat(Enumerable.Repeat("../", 1000)) + Mark, string.Concat(Enumerable.Repeat("..%2f", 1000)) + Mark),
    ];

    private LeveeTestServer? _server;
    private TestDocument? _theirs;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LeveeTestServer Server => _server!;

    private static string Own => TestTenants.Default.Id;

    public async ValueTask InitializeAsync()
    {
        _server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        // What a trick that reached the other tenant would find.
        _theirs = (await TestDocument.CreateAsync(Server, "doc")).OfTenant(TestTenants.Other);
        using var made = await _theirs.SendAsync(HttpMethod.Post, $"/documents/{_theirs.Tenant}", new { id = "doc" });
        made.EnsureSuccessStatusCode();
        await using var client = await _theirs.ConnectAsync();
        await client.WriteAsync(client.Op(Planted));
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public Task In_paths_of_requests() => LeavesNothingAsync(async () =>
    {
        foreach (var (id, inPath) in Tricks)
        {
            foreach (var target in new[]
            {
                $"/documents/{Own}/{inPath}", $"/documents/{Own}/session/{inPath}", $"/deltas/{Own}/{inPath}", $"/documents/{inPath}/doc",
                $"/deltas/{inPath}/doc", $"/repos/{inPath}/git/refs", $"/repos/{Own}/git/refs/heads/{inPath}", $"/repos/{Own}/git/refs/{inPath}",
                $"/repos/{Own}/git/blobs/{inPath}", $"/repos/{Own}/git/trees/{inPath}", $"/repos/{Own}/git/commits/{inPath}",
                $"/repos/{Own}/git/summaries/{inPath}", $"/repos/{Own}/commits?count=1&sha={inPath}", $"/{inPath}", $"/admin/{inPath}",
                $"/api/admin/revocations/{inPath}",
            })
            {
                // A path with dot segments is another path, of this very tenant, and answered as that.
                await AnsweredAsync(id, $"GET {target}", null, mayBeServed: HasDotSegments(target));
            }

            await RefusedAsync(id, $"PATCH /repos/{Own}/git/refs/heads/{inPath}", $$"""{"sha":"{{new string('a', 40)}}","force":true}""");
            await RefusedAsync(id, $"POST /documents/{inPath}", """{"id":"doc"}""");
            await RefusedAsync(id, $"POST /repos/{inPath}/git/blobs", """{"content":"x","encoding":"utf-8"}""");
        }
    });

    [Fact]
    public Task In_bodies_of_requests() => LeavesNothingAsync(async () =>
    {
        var blob = (await _theirs!.OfTenant(TestTenants.Default).AskAsync(
            HttpMethod.Post, $"/repos/{Own}/git/blobs", new { content = "x", encoding = "utf-8" })).Text("sha");
        foreach (var id in Tricks.Select(trick => trick.Id).Where(id => id != "doc").Distinct())
        {
            // Some are good ids after all: levee.db is no file, and a colon parts a tenant from a document in a topic only.
            await AnsweredAsync(
                id, $"POST /documents/{Own}", new JsonObject { ["id"] = id }.ToJsonString(), mayBeServed: DocumentId.IsValid(id));
            await RefusedAsync(
                id, $"POST /repos/{Own}/git/refs", new JsonObject { ["ref"] = $"refs/heads/{id}", ["sha"] = new string('a', 40) }.ToJsonString());
            foreach (var place in new[] { "sha", "mode", "type", "path" })
            {
                var entry = new JsonObject { ["path"] = "a", ["mode"] = "100644", ["type"] = "blob", ["sha"] = blob };
                entry[place] = id;
                var body = new JsonObject { ["tree"] = new JsonArray(entry) }.ToJsonString();
                await AnsweredAsync(id, $"POST /repos/{Own}/git/trees", body, mayBeServed: place == "path");
            }
        }
    });

    [Fact]
    public Task At_sockets() => LeavesNothingAsync(async () =>
    {
        foreach (var id in Tricks.Select(trick => trick.Id).Where(id => id != "doc").Distinct())
        {
            await using var socket = await ChannelClient.ConnectAsync(Server.Url, cancellationToken: Ct);
            foreach (var topic in new[] { $"document:{Own}:{id}", $"document:{id}:doc", $"document:{id}", id })
            {
                if (topic.Length > MaxTopic)
                {
                    await AssertTooLongAsync(topic);
                    continue;
                }

                var reference = await socket.PushJoinAsync(topic, cancellationToken: Ct);
                var reply = await socket.ExpectReplyAsync(reference, cancellationToken: Ct);
                if (reply.Status == "ok")
                {
                    // Some tricks make a good topic of another document: then there is no such document.
                    var connect = await socket.PushAsync(topic, "connect_document", Message(topic), Ct);
                    Assert.Equal("error", (await socket.ExpectReplyAsync(connect, cancellationToken: Ct)).Status);
                }
                else
                {
                    Assert.Contains(reply.Response.Text("reason"), new[] { "invalid_topic", "unmatched topic" });
                }
            }

            foreach (var (tenant, document) in new[] { (Own, id), (id, "doc") })
            {
                await using var stock = await StockClient.OpenAsync(_theirs!);
                var message = StockClient.Message(_theirs!, Token(id));
                message["tenantId"] = tenant;
                message["id"] = document;
                Assert.InRange((await stock.RefusedAsync(message)).Number("code"), 400, 404);
            }
        }
    });

    private static bool HasDotSegments(string target) =>
        Uri.UnescapeDataString(target).Split('/').Any(segment => segment is "." or "..");

    private async Task AssertTooLongAsync(string topic)
    {
        await using var socket = await ChannelClient.ConnectAsync(Server.Url, cancellationToken: Ct);
        await socket.PushJoinAsync(topic, cancellationToken: Ct);
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await socket.ExpectCloseAsync(cancellationToken: Ct));
        Assert.Equal("topic is longer than 1024 characters", socket.CloseReason);
    }

    private static string Token(string id) => TestTokens.FullAccess(id);

    private static JsonObject Message(string topic)
    {
        var parts = topic.Split(':', 3);
        return new JsonObject
        {
            ["tenantId"] = parts[1],
            ["id"] = parts[2],
            ["token"] = Token(parts[2]),
            ["client"] = new JsonObject(),
            ["mode"] = "write",
        };
    }

    private Task RefusedAsync(string id, string line, string? body = null) => AnsweredAsync(id, line, body, mayBeServed: false);

    private async Task AnsweredAsync(string id, string line, string? body, bool mayBeServed)
    {
        var headers = new[] { ("Authorization", $"Bearer {Token(id)}") };
        var (status, text) = await RawHttp.SendAsync(Server.Url, line, headers, body);
        var shown = $"{line[..Math.Min(line.Length, 200)]} {body?[..Math.Min(body.Length, 200)]}: {status} {text}";
        Assert.True(status is >= 300 and < 500 || (mayBeServed && status is 200 or 201), shown);
        Assert.True(text.Length < 40_000, shown);
        Assert.DoesNotContain(Planted, text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", text, StringComparison.Ordinal);
    }

    /// <summary>Runs it, and sees that the server's files are those of before, that none has come elsewhere, and that the server is well.</summary>
    private async Task LeavesNothingAsync(Func<Task> attack)
    {
        var before = Files();
        var theirs = await TheirMessagesAsync();

        await attack();

        Assert.Equal(before, Files());
        foreach (var place in new[] { Path.GetTempPath(), Path.GetTempPath() + "..", Directory.GetCurrentDirectory(), AppContext.BaseDirectory, Server.DataDirectory })
        {
            Assert.Empty(Directory.EnumerateFileSystemEntries(place, $"*{Mark}*"));
        }

        Assert.Equal(theirs, await TheirMessagesAsync());
        var log = Server.Log;
        Assert.DoesNotContain(" Error ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("\0", log, StringComparison.Ordinal);
        await using var client = await _theirs!.OfTenant(TestTenants.Default).ConnectAsync();
        await client.WriteAsync(client.Op());
    }

    /// <summary>What is in the other tenant's document; that who planted it has left may be written at any moment.</summary>
    private async Task<List<string>> TheirMessagesAsync()
    {
        var messages = (await _theirs!.ReadDeltasAsync()).Where(message => message.Type() != "leave").Select(message => message.GetRawText()).ToList();
        Assert.Contains(messages, message => message.Contains(Planted, StringComparison.Ordinal));
        return messages;
    }

    private List<string> Files() =>
        [.. Directory.EnumerateFileSystemEntries(Server.DataDirectory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
