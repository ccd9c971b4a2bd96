using System.Net;
using System.Text.Json.Nodes;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.Tests.Rest;

public sealed class TreesTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Trees = "/repos/acme/git/trees";
    private const string Nowhere = "00000000000000000000000000000000000000ff";

    private readonly string _token = server.Token("d");

    [Fact]
    public async Task Has_the_id_that_git_gives_and_its_order()
    {
        // printf of "hello\n" into files a, a.b and folder a0 and tree "a-": the order differs from that of the names.
        var hello = await server.PostBlobAsync(_token, "hello\n");
        var inner = await server.PostTreeAsync(_token, ("f", "100644", hello));
        var body = RestServer.TreeBody(null, ("b", "100755", hello), ("a", "040000", inner), ("a.b", "100644", hello), ("a0", "100644", hello));
        var answer = await server.ExpectAsync(201, "POST", Trees, _token, body);
        Assert.Equal(["a.b", "a", "a0", "b"], answer["tree"]!.AsArray().Select(entry => (string)entry!["path"]!));
        Assert.Equal(
            $$"""{"path":"a","mode":"040000","type":"tree","sha":"{{inner}}","url":"{{server.Address}}{{Trees}}/{{inner}}"}""",
            answer["tree"]![1]!.ToJsonString());
        Assert.Equal(answer.ToJsonString(), (await server.ExpectAsync(200, "GET", $"{Trees}/{answer["sha"]}", _token)).ToJsonString());
    }

    [Fact]
    public async Task An_empty_tree_is_a_tree() =>
        Assert.Equal("4b825dc642cb6eb9a060e54bf8d69288fbee4904", await server.PostTreeAsync(_token));

    [Theory]
    [InlineData("?recursive=1", 5)]
    [InlineData("?recursive=true", 5)]
    [InlineData("?recursive=0", 2)]
    [InlineData("", 2)]
    public async Task Recursive_lists_full_paths_and_a_tree_before_what_is_in_it(string query, int count)
    {
        var blob = await server.PostBlobAsync(_token, "x");
        var root = await server.PostTreeAsync(_token, ("z", "100644", blob), ("a/b/c", "100644", blob), ("a/d", "100644", blob));
        var answer = await server.ExpectAsync(200, "GET", $"{Trees}/{root}{query}", _token);
        Assert.Equal(root, (string)answer["sha"]!);
        string[] all = count == 5 ? ["a", "a/b", "a/b/c", "a/d", "z"] : ["a", "z"];
        Assert.Equal(all, answer["tree"]!.AsArray().Select(entry => (string)entry!["path"]!));
        using var response = await server.SendAsync("GET", $"{Trees}/{root}{query}", _token);
        Assert.Contains("immutable", response.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_base_tree_keeps_its_other_entries_at_every_level()
    {
        var one = await server.PostBlobAsync(_token, "1");
        var two = await server.PostBlobAsync(_token, "2");
        var before = await server.PostTreeAsync(_token, ("a/b", "100644", one), ("a/c", "100644", one), ("d", "100644", one));
        var after = (string)(await server.ExpectAsync(
            201, "POST", Trees, _token, RestServer.TreeBody(before, ("a/c", "100644", two), ("d/e", "100644", two))))["sha"]!;
        var same = await server.PostTreeAsync(_token, ("a/b", "100644", one), ("a/c", "100644", two), ("d/e", "100644", two));
        Assert.Equal(same, after);
    }

    [Fact]
    public async Task A_path_in_place_of_an_id_means_the_last_acknowledged_summary()
    {
        var (document, head) = await CreateWithSummaryAsync();
        var token = server.Token(document);
        var tree = await server.PostTreeAsync(token, (".channels", "040000", "/.channels"), ("copy", "100644", "/.channels/a%20b/x"));
        var answer = await server.ExpectAsync(200, "GET", $"{Trees}/{tree}?recursive=1", token);
        Assert.Equal(
            [".channels", ".channels/a b", ".channels/a b/x", "copy"], answer["tree"]!.AsArray().Select(entry => (string)entry!["path"]!));
        var old = await server.ExpectAsync(200, "GET", $"{Trees}/{head}?recursive=1", token);
        Assert.Equal(Sha(old, ".channels"), Sha(answer, ".channels"));
        Assert.Equal(Sha(old, ".channels/a b/x"), Sha(answer, "copy"));
    }

    [Fact]
    public async Task A_path_with_nothing_there_is_refused()
    {
        var (document, _) = await CreateWithSummaryAsync();
        Assert.Equal(
            "tree[0]: There is nothing at '/.channels/none' in the document's last acknowledged summary",
            await PostAsync(document, "/.channels/none", "040000"));
        Assert.Equal(
            "tree[0]: There is nothing at '/.channels/a b/x/y' in the document's last acknowledged summary",
            await PostAsync(document, "/.channels/a b/x/y", "040000"));
        Assert.Equal("tree[0]: '/.channels' is a tree in the last acknowledged summary, not a blob", await PostAsync(document, "/.channels", "100644"));
        Assert.Equal(
            "tree[0]: Only object ids will do: the token's document has no summary that a path could be looked up in",
            await PostAsync(RestServer.NewId(), "/.channels", "040000"));
    }

    [Fact]
    public async Task Entries_must_name_objects_that_are_there_and_of_their_kind()
    {
        var blob = await server.PostBlobAsync(_token, "x");
        Assert.Equal($"tree[0]: There is no blob {Nowhere}", await PostAsync("d", Nowhere, "100644"));
        Assert.Equal($"tree[0]: There is no tree {blob}", await PostAsync("d", blob, "040000"));
        Assert.Equal(
            $"There is no tree {blob}",
            await server.ExpectErrorAsync(400, "POST", Trees, _token, RestServer.TreeBody(blob, ("x", "100644", blob))));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData(".git")]
    [InlineData("a/.GIT/b")]
    [InlineData("git~1")]
    [InlineData(".git. ")]
    [InlineData(".g\u200cit")]
    [InlineData("a\0b")]
    public async Task A_path_that_git_would_not_take_is_refused(string path)
    {
        var blob = await server.PostBlobAsync(_token, "x");
        var error = await server.ExpectErrorAsync(400, "POST", Trees, _token, RestServer.TreeBody(null, (path, "100644", blob)));
        Assert.StartsWith("tree[0]: A name must not ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a", "a/b")]
    [InlineData("a/b", "a")]
    public async Task Two_entries_for_one_path_are_refused(string first, string second)
    {
        var blob = await server.PostBlobAsync(_token, "x");
        var body = RestServer.TreeBody(null, (first, "100644", blob), (second, "100644", blob));
        Assert.Equal("tree[1]: A tree must not have two entries for one path", await server.ExpectErrorAsync(400, "POST", Trees, _token, body));
    }

    [Theory]
    [InlineData("""{}""", "Missing required field: tree")]
    [InlineData("""{"tree":{}}""", "tree has the wrong type")]
    [InlineData("""{"tree":[null]}""", "tree[0] must be an object")]
    [InlineData("""{"tree":[{"mode":"100644","sha":"x"}]}""", "Missing required field: tree[0].path")]
    [InlineData("""{"tree":[{"path":"a","mode":"100644"}]}""", "Missing required field: tree[0].sha")]
    [InlineData("""{"tree":[{"path":"a","sha":"x"}]}""", "Missing required field: tree[0].mode")]
    [InlineData("""{"tree":[{"path":5}]}""", "tree[0].path has the wrong type")]
    [InlineData("""{"tree":[{"path":"\ud800","mode":"100644","sha":"x"}]}""", "tree[0].path has the wrong type")]
    [InlineData("""{"tree":[{"path":"a","mode":"160000","sha":"x"}]}""", "tree[0].mode must be 040000, 100644, 100755 or 120000")]
    [InlineData("""{"tree":[{"path":"a","mode":"100644","sha":"x","type":"tree"}]}""", "tree[0].type must be blob for mode 100644")]
    [InlineData("""{"tree":[],"base_tree":"x"}""", "base_tree must be 40 hexadecimal digits")]
    public async Task A_body_of_another_shape_is_refused_by_name(string body, string error)
    {
        using var response = await server.SendJsonAsync("POST", Trees, _token, body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(error, (string)JsonNode.Parse(text)!["error"]!);
    }

    [Fact]
    public async Task A_tree_that_would_list_into_millions_is_refused_in_one_piece()
    {
        var blob = await server.PostBlobAsync(_token, "x");
        var tree = await server.PostTreeAsync(_token, ("x", "100644", blob));
        for (var level = 0; level < 6; level++)
        {
            tree = await server.PostTreeAsync(_token, [.. Enumerable.Range(0, 10).Select(i => ($"{i}", "040000", tree))]);
        }

        await server.ExpectAsync(200, "GET", $"{Trees}/{tree}", _token);
        var error = await server.ExpectErrorAsync(400, "GET", $"{Trees}/{tree}?recursive=1", _token);
        Assert.EndsWith("list it level by level", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tree_whose_paths_would_list_into_hundreds_of_megabytes_is_refused_in_one_piece()
    {
        // A thousand entries below sixty names of four thousand characters each, every one of them in every path.
        var blob = await server.PostBlobAsync(_token, "x");
        var tree = await server.PostTreeAsync(_token, [.. Enumerable.Range(0, 1000).Select(i => ($"{i}", "100644", blob))]);
        var path = string.Join('/', Enumerable.Repeat(new string('n', ObjectLimits.MaxNameBytes), 62));
        tree = await server.PostTreeAsync(_token, (path, "040000", tree));
        await server.ExpectAsync(200, "GET", $"{Trees}/{tree}", _token);
        Assert.Equal(
            "The tree has more than 100000 entries, 16777216 characters of paths, or 64 levels: list it level by level",
            await server.ExpectErrorAsync(400, "GET", $"{Trees}/{tree}?recursive=1", _token));
    }

    [Fact]
    public async Task Too_deep_a_path_is_refused()
    {
        var blob = await server.PostBlobAsync(_token, "x");
        var body = RestServer.TreeBody(null, (string.Join('/', Enumerable.Repeat("a", 65)), "100644", blob));
        Assert.Equal("tree[0]: A path must not have more than 64 segments", await server.ExpectErrorAsync(400, "POST", Trees, _token, body));
    }

    [Fact]
    public async Task An_unknown_tree_is_not_found_and_a_strange_flag_refused()
    {
        Assert.Equal("Tree not found", await server.ExpectErrorAsync(404, "GET", $"{Trees}/{Nowhere}", _token));
        Assert.Equal("sha must be 40 hexadecimal digits", await server.ExpectErrorAsync(400, "GET", $"{Trees}/zz", _token));
        Assert.Equal("recursive must be 1 or 0", await server.ExpectErrorAsync(400, "GET", $"{Trees}/{Nowhere}?recursive=maybe", _token));
    }

    private Task<string> PostAsync(string document, string sha, string mode) =>
        server.ExpectErrorAsync(400, "POST", Trees, server.Token(document), RestServer.TreeBody(null, ("x", mode, sha)));

    private static string Sha(JsonNode tree, string path) =>
        (string)tree["tree"]!.AsArray().Single(entry => (string)entry!["path"]! == path)!["sha"]!;

    private async Task<(string Document, string Tree)> CreateWithSummaryAsync()
    {
        var id = RestServer.NewId();
        var body = JsonNode.Parse("""
            {"id":"ID","summary":{"type":1,"tree":{".app":{"type":1,"tree":{
              ".channels":{"type":1,"tree":{"a b":{"type":1,"tree":{"x":{"type":2,"content":"deep"}}}}}}}}}}
            """.Replace("ID", id, StringComparison.Ordinal));
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), body);
        var head = await server.ExpectAsync(200, "GET", $"/repos/acme/git/refs/heads/{id}", server.Token(id, Scopes.DocRead));
        var commit = await server.ExpectAsync(200, "GET", $"/repos/acme/git/commits/{head["object"]!["sha"]}", server.Token(id));
        return (id, (string)commit["tree"]!["sha"]!);
    }
}
