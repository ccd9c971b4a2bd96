using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Levee.Storage;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Deltas, versions, trees and blobs as drivers read them, and the same data for Levee's clients.</summary>
public sealed class RouterliciousStorageTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Nowhere = "00000000000000000000000000000000000000ff";

    [Fact]
    public async Task Deltas_are_the_stored_messages_between_both_bounds()
    {
        const int Last = 12;
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id, messages: Last);
        // Around the stored numbers, none, or at the end of what a number can be.
        Gen<long?> bound = Gen.Int[-2, Last + 6].Select(number => (long?)(number switch
        {
            Last + 4 => null,
            Last + 5 => long.MinValue,
            Last + 6 => long.MaxValue,
            _ => number,
        }));
        Gen.Select(bound, bound, Gen.Bool).Sample(
            (from, to, isRestLess) =>
            {
                var query = $"?{(from is null ? "" : $"from={from}&")}{(to is null ? "" : $"to={to}&")}fetchReason=PostDocumentOpen_fetch";
                using var response = server.SendBasicAsync(isRestLess, "GET", $"/deltas/acme/{id}{query}", RestServer.Basic("", server.Token(id)))
                    .GetAwaiter().GetResult();
                var expected = Enumerable.Range(1, Last)
                    .Where(number => (from is null || number > from) && (to is null || number < to))
                    .Select(number => RestServer.Message(number));
                Assert.Equal($"[{string.Join(',', expected)}]", response.Content.ReadAsStringAsync().GetAwaiter().GetResult());
                Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
            },
            iter: 200);
    }

    [Fact]
    public async Task Deltas_of_both_dialects_are_the_same_messages()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id, messages: 9);
        var driver = await server.ExpectBasicAsync(true, 200, "GET", $"/deltas/acme/{id}?from=2&to=8", server.Token(id));
        var levee = await server.ExpectAsync(200, "GET", $"/deltas/acme/{id}?from=2&to=7", server.Token(id));
        Assert.Equal(5, driver.AsArray().Count);
        Assert.Equal(levee["value"]!.ToJsonString(), driver.ToJsonString());
    }

    [Fact]
    public async Task Deltas_come_two_thousand_at_a_time_and_none_of_an_unknown_document()
    {
        var id = RestServer.NewId();
        Assert.Equal("[]", (await server.ExpectBasicAsync(true, 200, "GET", $"/deltas/acme/{id}?from=0&to=5", server.Token(id))).ToJsonString());
        await server.CreateDocumentAsync(id, messages: 2500);
        var page = await server.ExpectBasicAsync(true, 200, "GET", $"/deltas/acme/{id}?from=135&to=2136", server.Token(id));
        Assert.Equal(Enumerable.Range(136, 2000), page.AsArray().Select(message => (int)message!["sequenceNumber"]!));
        var all = await server.ExpectBasicAsync(true, 200, "GET", $"/deltas/acme/{id}", server.Token(id));
        Assert.Equal(Enumerable.Range(1, 2000), all.AsArray().Select(message => (int)message!["sequenceNumber"]!));
        var refused = await server.ExpectBasicAsync(true, 400, "GET", $"/deltas/acme/{id}?to=x", server.Token(id));
        Assert.Equal("to must be an integer", (string)refused["message"]!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Versions_are_the_acknowledged_summaries_newest_first(bool isRestLess)
    {
        var (id, commits) = await CreateWithSummariesAsync(count: 6);
        var token = server.Token(id, Scopes.DocRead);
        string[] newestFirst = [.. commits.Reverse()];
        Assert.Equal(newestFirst[..1], await VersionsAsync(isRestLess, $"?sha={id}", token));
        Assert.Equal(newestFirst[..3], await VersionsAsync(isRestLess, $"?count=3&sha={id}", token));
        Assert.Equal(newestFirst, await VersionsAsync(isRestLess, $"?count=99999999999&sha={id}", token));
        Assert.Equal(newestFirst[2..4], await VersionsAsync(isRestLess, $"?count=2&sha={newestFirst[2]}", token));
        Assert.Equal([commits[0]], await VersionsAsync(isRestLess, $"?count=5&sha={commits[0]}", token));
    }

    [Fact]
    public async Task A_version_has_the_shape_that_drivers_read()
    {
        var (id, commits) = await CreateWithSummariesAsync(count: 2);
        var version = (await server.ExpectBasicAsync(true, 200, "GET", $"/repos/acme/commits?count=1&sha={id}", server.Token(id)))[0]!;
        var git = $"{server.Address}/repos/acme/git";
        var commit = await server.ExpectAsync(200, "GET", $"/repos/acme/git/commits/{commits[1]}", server.Token(id));
        Assert.Equal(commits[1], (string)version["sha"]!);
        Assert.Equal($"{git}/commits/{commits[1]}", (string)version["url"]!);
        Assert.Equal("2026-03-01T12:00:02Z", (string)version["commit"]!["author"]!["date"]!);
        Assert.Equal("Levee", (string)version["commit"]!["author"]!["name"]!);
        Assert.Equal("Summary 2", (string)version["commit"]!["message"]!);
        foreach (var member in new[] { "author", "committer", "tree", "message", "url" })
        {
            Assert.Equal(commit[member]!.ToJsonString(), version["commit"]![member]!.ToJsonString());
        }

        Assert.Equal($$"""[{"sha":"{{commits[0]}}","url":"{{git}}/commits/{{commits[0]}}"}]""", version["parents"]!.ToJsonString());
        // Levee's clients get the same list.
        var levee = await server.ExpectAsync(200, "GET", $"/repos/acme/commits?count=1&sha={id}", server.Token(id));
        Assert.Equal(version.ToJsonString(), levee[0]!.ToJsonString());
    }

    [Fact]
    public async Task A_commits_id_names_that_commit_even_where_a_document_is_called_like_it()
    {
        var (_, commits) = await CreateWithSummariesAsync(count: 2);
        await server.ExpectBasicAsync(
            true, 201, "POST", "/documents/acme", server.Token(""), Named(commits[0]));
        Assert.Equal([commits[0]], await VersionsAsync(true, $"?sha={commits[0]}", server.Token("d")));
        // Where there is no such commit, the document is meant.
        await server.ExpectBasicAsync(true, 201, "POST", "/documents/acme", server.Token(""), Named(Nowhere));
        Assert.Single(await VersionsAsync(true, $"?sha={Nowhere}", server.Token(Nowhere)));
    }

    [Theory]
    [InlineData("?sha=unknown", 404, "Document or commit not found")]
    [InlineData("?sha=00000000000000000000000000000000000000fe", 404, "Document or commit not found")]
    [InlineData("?sha=a%2Fb", 404, "Document or commit not found")]
    [InlineData("", 400, "sha must be a document's id or a commit's")]
    [InlineData("?sha=", 400, "sha must be a document's id or a commit's")]
    [InlineData("?sha=a&sha=b", 400, "sha must be a document's id or a commit's")]
    [InlineData("?sha=unknown&count=0", 400, "count must be a positive integer")]
    [InlineData("?sha=unknown&count=-1", 400, "count must be a positive integer")]
    [InlineData("?sha=unknown&count=x", 400, "count must be a positive integer")]
    [InlineData("?sha=unknown&count=1&count=2", 400, "count must be a positive integer")]
    public async Task Versions_of_nothing_are_refused_as_clients_take_for_none(string query, int status, string error)
    {
        var answer = await server.ExpectBasicAsync(true, status, "GET", "/repos/acme/commits" + query, server.Token("d"));
        Assert.Equal(error, (string)answer["message"]!);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_summary_is_uploaded_and_read_back(bool isRestLess)
    {
        var token = server.Token("d");
        var text = await PostBlobAsync(isRestLess, token, "é \ud83d\ude00 + & % =", "utf-8");
        var binary = await PostBlobAsync(isRestLess, token, "AP8BAg==", "base64");
        // As captured from a stock client.
        Assert.StartsWith("f594022b", binary, StringComparison.Ordinal);
        Assert.Equal(GitObject.Blob(new byte[] { 0, 255, 1, 2 }).Id.ToString(), binary);
        Assert.Equal(GitObject.Blob(Encoding.UTF8.GetBytes("é \ud83d\ude00 + & % =")).Id.ToString(), text);

        // Both spellings of a tree's mode, and entries in no order.
        var inner = await PostTreeAsync(isRestLess, token, ("x%20y", "100644", text, "blob"));
        var root = await PostTreeAsync(
            isRestLess, token, ("z", "100644", binary, "blob"), (".channels", "040000", inner, "tree"), ("B", "40000", inner, "tree"));
        var tree = await server.ExpectBasicAsync(isRestLess, 200, "GET", $"/repos/acme/git/trees/{root}?recursive=1", token);
        Assert.Equal(root, (string)tree["sha"]!);
        Assert.Equal(
            [
                $".channels tree {inner}", $".channels/x%20y blob {text}", $"B tree {inner}", $"B/x%20y blob {text}", $"z blob {binary}",
            ],
            tree["tree"]!.AsArray().Select(entry => $"{entry!["path"]} {entry["type"]} {entry["sha"]}"));
        var blob = await server.ExpectBasicAsync(isRestLess, 200, "GET", $"/repos/acme/git/blobs/{binary}", token);
        Assert.Equal(
            $$"""{"sha":"{{binary}}","size":4,"url":"{{server.Address}}/repos/acme/git/blobs/{{binary}}","encoding":"base64","content":"AP8BAg=="}""",
            blob.ToJsonString());
        foreach (var path in new[] { $"/repos/acme/git/trees/{root}?recursive=1", $"/repos/acme/git/blobs/{text}" })
        {
            Assert.Equal(
                (await server.ExpectAsync(200, "GET", path, token)).ToJsonString(),
                (await server.ExpectBasicAsync(isRestLess, 200, "GET", path, token)).ToJsonString());
        }
    }

    [Fact]
    public async Task What_never_changes_may_be_kept_unless_the_query_says_no()
    {
        var token = server.Token("d");
        var blob = await server.PostBlobAsync(token, "kept");
        var tree = await server.PostTreeAsync(token, ("x", "100644", blob));
        foreach (var path in new[] { $"/repos/acme/git/blobs/{blob}", $"/repos/acme/git/trees/{tree}" })
        {
            foreach (var (query, control) in new[] { ("", "private, max-age=31536000, immutable"), ("?disableCache=true", "no-store") })
            {
                using var response = await server.SendBasicAsync(false, "GET", path + query, RestServer.Basic(path, token));
                Assert.Equal(control, response.Headers.NonValidated["Cache-Control"].ToString());
            }
        }
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        foreach (var isRestLess in new[] { true, false })
        {
            Assert.Equal(
                """{"error":"Blob not found","message":"Blob not found"}""",
                (await server.ExpectBasicAsync(isRestLess, 404, "GET", $"/repos/acme/git/blobs/{Nowhere}", server.Token("d"))).ToJsonString());
            await server.ExpectBasicAsync(isRestLess, 404, "GET", $"/repos/acme/git/trees/{Nowhere}", server.Token("d"));
            Assert.Equal(
                """{"error":"Not Found","message":"Not Found"}""",
                (await server.ExpectBasicAsync(isRestLess, 404, "GET", "/repos/acme/nothing", server.Token("d"))).ToJsonString());
            await server.ExpectBasicAsync(isRestLess, 405, "DELETE", "/repos/acme/git/blobs", server.Token("d"));
        }
    }

    [Fact]
    public async Task A_store_that_fails_is_an_error_that_drivers_repeat()
    {
        await using var other = await RestServer.StartAsync("Production");
        await other.Store.DisposeAsync();
        var answer = await other.ExpectBasicAsync(true, 500, "GET", "/deltas/acme/d", other.Token("d"));
        Assert.Equal("""{"error":"Internal server error","message":"Internal server error"}""", answer.ToJsonString());
    }

    private static JsonNode Named(string id) =>
        JsonNode.Parse("""{"id":"ID","summary":{"type":1,"tree":{}}}""".Replace("ID", id, StringComparison.Ordinal))!;

    private async Task<IEnumerable<string>> VersionsAsync(bool isRestLess, string query, string token) =>
        (await server.ExpectBasicAsync(isRestLess, 200, "GET", "/repos/acme/commits" + query, token)).AsArray().Select(version => (string)version!["sha"]!);

    private async Task<string> PostBlobAsync(bool isRestLess, string token, string content, string encoding)
    {
        var body = new JsonObject { ["content"] = content, ["encoding"] = encoding };
        var answer = await server.ExpectBasicAsync(isRestLess, 201, "POST", "/repos/acme/git/blobs", token, body);
        Assert.Equal(["sha", "url"], answer.AsObject().Select(member => member.Key));
        return (string)answer["sha"]!;
    }

    private async Task<string> PostTreeAsync(bool isRestLess, string token, params (string Path, string Mode, string Sha, string Type)[] entries)
    {
        var body = new JsonObject
        {
            ["tree"] = new JsonArray([.. entries.Select(entry => new JsonObject
            {
                ["mode"] = entry.Mode,
                ["path"] = entry.Path,
                ["sha"] = entry.Sha,
                ["type"] = entry.Type,
            })]),
        };
        return (string)(await server.ExpectBasicAsync(isRestLess, 201, "POST", "/repos/acme/git/trees", token, body))["sha"]!;
    }

    /// <summary>A document whose head was moved by so many acknowledged summaries, each with the message that acknowledges it.</summary>
    private async Task<(string Id, string[] Commits)> CreateWithSummariesAsync(int count)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        var key = new DocumentKey("acme", id);
        var tree = GitTree.Create([]).ToObject();
        var commits = new List<ObjectId>();
        for (var number = 1; number <= count; number++)
        {
            var author = ServiceAuthor.At(new DateTimeOffset(2026, 3, 1, 12, 0, number, TimeSpan.Zero));
            ObjectId[] parents = commits.Count == 0 ? [] : [commits[^1]];
            var commit = new GitCommit(tree.Id, parents, author, author, $"Summary {number}").ToObject();
            await server.Store.PutObjectsAsync("acme", [tree, commit], cancellation);
            var deltas = new DeltaBatchBuilder();
            deltas.AddEncoded(number, Encoding.UTF8.GetBytes(RestServer.Message(number)));
            var append = new AppendRequest
            {
                Key = key,
                Deltas = deltas.Build(),
                Head = new HeadUpdate(commits.Count == 0 ? null : commits[^1], commit.Id),
            };
            Assert.Equal(AppendOutcome.Appended, await server.Store.AppendAsync(append, cancellation));
            commits.Add(commit.Id);
        }

        return (id, [.. commits.Select(commit => commit.ToString())]);
    }
}
