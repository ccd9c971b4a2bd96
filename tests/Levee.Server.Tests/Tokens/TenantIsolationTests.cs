using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Levee.Server.Tests.Documents;
using Levee.Testing;
using Microsoft.Data.Sqlite;

namespace Levee.Server.Tests.Tokens;

/// <summary>
/// What one tenant has is nothing to another, whatever ids it guesses: each answer is, but for the id in it, the answer about what does
/// not exist.
/// </summary>
public sealed class TenantIsolationTests : IAsyncLifetime
{
    private const string Planted = "planted-content-of-the-other-tenant";

    private static readonly TestTenant Own = TestTenants.Default;
    private static readonly TestTenant Theirs = TestTenants.Other;

    private readonly HttpClient _http = new();
    private LeveeTestServer? _server;
    private TestDocument? _own;
    private TestDocument? _theirs;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private LeveeTestServer Server => _server!;

    public async ValueTask InitializeAsync()
    {
        _server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        // The same id in both: the tenant alone tells them apart.
        _own = await TestDocument.CreateAsync(Server);
        _theirs = _own.OfTenant(Theirs);
        await CreateTheirsAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync();
    }

    [Fact]
    public async Task No_id_of_another_tenants_object_is_known_whatever_is_asked_about_it()
    {
        var ids = await TheirIdsAsync();
        Assert.True(ids.Count > 8, $"only {ids.Count} objects");
        (string Method, Func<string, string> Path, Func<string, string>? Body)[] questions =
        [
            ("GET", sha => Repo($"git/blobs/{sha}"), null),
            ("HEAD", sha => Repo($"git/blobs/{sha}"), null),
            ("GET", sha => Repo($"git/trees/{sha}"), null),
            ("GET", sha => Repo($"git/trees/{sha}?recursive=1"), null),
            ("GET", sha => Repo($"git/commits/{sha}"), null),
            ("GET", sha => Repo($"git/summaries/{sha}"), null),
            ("GET", sha => Repo($"commits?count=10&sha={sha}"), null),
            ("GET", sha => Repo($"git/refs/heads/{sha}"), null),
            ("POST", _ => Repo("git/trees"), sha => $$"""{"tree":[{"path":"a","mode":"100644","type":"blob","sha":"{{sha}}"}]}"""),
            ("POST", _ => Repo("git/trees"), sha => $$"""{"tree":[{"path":"a","mode":"040000","type":"tree","sha":"{{sha}}"}]}"""),
            ("POST", _ => Repo("git/trees"), sha => $$"""{"base_tree":"{{sha}}","tree":[]}"""),
            ("POST", _ => Repo("git/commits"), sha => $$"""{"message":"m","tree":"{{sha}}","parents":[]}"""),
            ("POST", _ => Repo("git/refs"), sha => $$"""{"ref":"refs/heads/mine","sha":"{{sha}}"}"""),
            ("PATCH", _ => Repo("git/refs/heads/mine"), sha => $$"""{"sha":"{{sha}}","force":true}"""),
        ];
        var question = Gen.Select(Gen.Int[0, ids.Count - 1], Gen.Int[0, questions.Length - 1], Gen.Byte.Array[20]);

        await question.SampleAsync(
            async (which, what, other) =>
            {
                var (method, path, body) = questions[what];
                var (theirs, nobodys) = (ids[which], Convert.ToHexStringLower(other));
                var about = await AskAsync(method, path(theirs), body?.Invoke(theirs));
                var aboutNothing = await AskAsync(method, path(nobodys), body?.Invoke(nobodys));
                Assert.InRange(about.Status, 400, 404);
                Assert.Equal(
                    aboutNothing with { Text = aboutNothing.Text.Replace(nobodys, "ID", StringComparison.Ordinal) },
                    about with { Text = about.Text.Replace(theirs, "ID", StringComparison.Ordinal) });
                Assert.DoesNotContain(Planted, about.Text, StringComparison.Ordinal);
            },
            iter: 400,
            threads: 1);
    }

    [Fact]
    public async Task Of_two_documents_with_one_id_each_tenant_sees_its_own()
    {
        await using var mine = await _own!.ConnectAsync();
        await mine.WriteAsync(mine.Op("mine"));
        foreach (var path in new[]
        {
            $"/deltas/{Own.Id}/{_own.Id}", Repo("git/refs"), Repo($"commits?count=10&sha={_own.Id}"), Repo("git/summaries/latest"),
            $"/documents/{Own.Id}/{_own.Id}",
        })
        {
            Assert.DoesNotContain(Planted, (await AskAsync("GET", path)).Text, StringComparison.Ordinal);
        }

        Assert.Equal(["join", "op"], (await _own.ReadDeltasAsync()).Select(message => message.Type()));
        Assert.Contains(await _theirs!.ReadDeltasAsync(), message => message.GetRawText().Contains(Planted, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_path_of_another_tenant_opens_to_a_token_of_ones_own()
    {
        var ids = await TheirIdsAsync();
        var head = await _theirs!.ReadHeadAsync();
        string[] paths =
        [
            $"/documents/{Theirs.Id}/{_own!.Id}", $"/documents/{Theirs.Id}/session/{_own.Id}", $"/deltas/{Theirs.Id}/{_own.Id}",
            $"/repos/{Theirs.Id}/git/refs", $"/repos/{Theirs.Id}/git/refs/heads/{_own.Id}", $"/repos/{Theirs.Id}/git/commits/{head}",
            $"/repos/{Theirs.Id}/commits?count=1&sha={_own.Id}", $"/repos/{Theirs.Id}/git/summaries/latest",
            .. ids.SelectMany(id => new[] { $"/repos/{Theirs.Id}/git/blobs/{id}", $"/repos/{Theirs.Id}/git/trees/{id}" }),
        ];
        foreach (var path in paths)
        {
            Assert.Equal((401, """{"error":"Invalid token signature"}"""), await AskAsync("GET", path));
        }
    }

    private static string Repo(string path) => $"/repos/{Own.Id}/{path}";

    private async Task CreateTheirsAsync()
    {
        var summary = new JsonObject
        {
            ["type"] = 1,
            ["tree"] = new JsonObject
            {
                [".app"] = Tree(("state", Blob($"{Planted} in a summary")), (".metadata", Blob("{}"))),
                [".protocol"] = Tree(
                    ("attributes", Blob("""{"minimumSequenceNumber":0,"sequenceNumber":0}""")),
                    ("quorumMembers", Blob("[]")),
                    ("quorumProposals", Blob("[]")),
                    ("quorumValues", Blob("[]"))),
            },
        };
        await _theirs!.AskAsync(
            HttpMethod.Post, $"/documents/{Theirs.Id}", new JsonObject { ["id"] = _theirs.Id, ["summary"] = summary, ["sequenceNumber"] = 0 });
        var blob = await _theirs.AskAsync(
            HttpMethod.Post, $"/repos/{Theirs.Id}/git/blobs", new { content = $"{Planted} in a blob", encoding = "utf-8" });
        var tree = await _theirs.AskAsync(
            HttpMethod.Post,
            $"/repos/{Theirs.Id}/git/trees",
            new { tree = new[] { new { path = Planted, mode = "100644", type = "blob", sha = blob.Text("sha") } } });
        await _theirs.AskAsync(
            HttpMethod.Post, $"/repos/{Theirs.Id}/git/commits", new { message = Planted, tree = tree.Text("sha"), parents = Array.Empty<string>() });
        await using var client = await _theirs.ConnectAsync();
        await client.WriteAsync(client.Op(Planted));
    }

    private static JsonObject Tree(params (string Name, JsonObject Entry)[] entries)
    {
        var tree = new JsonObject();
        foreach (var (name, entry) in entries)
        {
            tree[name] = entry;
        }

        return new JsonObject { ["type"] = 1, ["tree"] = tree };
    }

    private static JsonObject Blob(string content) => new() { ["type"] = 2, ["content"] = content };

    /// <summary>Every object that the other tenant has and this one has not, from the file itself.</summary>
    private async Task<List<string>> TheirIdsAsync()
    {
        await using var database = new SqliteConnection(
            $"Data Source={Path.Combine(Server.DataDirectory, "levee.db")};Mode=ReadOnly;Pooling=False");
        await database.OpenAsync(Ct);
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT hex(sha) FROM objects WHERE tenant = $theirs AND sha NOT IN (SELECT sha FROM objects WHERE tenant = $own)";
        command.Parameters.AddWithValue("$theirs", Theirs.Id);
        command.Parameters.AddWithValue("$own", Own.Id);
        var ids = new List<string>();
        await using var rows = await command.ExecuteReaderAsync(Ct);
        while (await rows.ReadAsync(Ct))
        {
            ids.Add(rows.GetString(0).ToLowerInvariant());
        }

        return ids;
    }

    private async Task<(int Status, string Text)> AskAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Server.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _own!.FullAccess);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request, Ct);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
