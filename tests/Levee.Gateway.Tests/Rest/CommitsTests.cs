using System.Text.Json.Nodes;

namespace Levee.Gateway.Tests.Rest;

public sealed class CommitsTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Commits = "/repos/acme/git/commits";

    private readonly string _token = server.Token("d");

    [Fact]
    public async Task Has_the_id_that_git_gives_and_comes_back_as_it_was()
    {
        var tree = await server.PostTreeAsync(_token);
        var first = await server.PostCommitAsync(_token, tree, "first\n");
        // git -c user.name=Ann -c user.email=ann@example.org commit-tree 4b825dc6 with both dates 2026-03-01T12:00:00Z.
        Assert.Equal(GitId(tree, "first\n"), first);
        var body = JsonNode.Parse($$"""
            {"message":"second: é","tree":"{{tree}}","parents":["{{first}}"],"author":{"name":"Béa","email":"b@x","date":"2026-03-01T12:00:00.250+05:30"},
             "committer":{"name":"C","email":"","date":"1970-01-01T00:00:00Z"} }
            """);
        var answer = await server.ExpectAsync(201, "POST", Commits, _token, body);
        var sha = (string)answer["sha"]!;
        Assert.Equal(
            JsonNode.Parse($$"""
                {"sha":"{{sha}}","url":"{{server.Address}}{{Commits}}/{{sha}}","message":"second: é",
                 "author":{"name":"Béa","email":"b@x","date":"2026-03-01T12:00:00+05:30"},"committer":{"name":"C","email":"","date":"1970-01-01T00:00:00Z"},
                 "tree":{"sha":"{{tree}}","url":"{{server.Address}}/repos/acme/git/trees/{{tree}}" },
                 "parents":[{"sha":"{{first}}","url":"{{server.Address}}{{Commits}}/{{first}}" }]}
                """)!.ToJsonString(),
            answer.ToJsonString());
        Assert.Equal(answer.ToJsonString(), (await server.ExpectAsync(200, "GET", $"{Commits}/{sha}", _token)).ToJsonString());
    }

    [Fact]
    public async Task Without_an_author_it_is_the_tokens_user_now()
    {
        var tree = await server.PostTreeAsync(_token);
        var answer = await server.ExpectAsync(201, "POST", Commits, _token, new JsonObject { ["tree"] = tree, ["message"] = "" });
        Assert.Equal("ann", (string)answer["author"]!["name"]!);
        Assert.Equal(answer["author"]!.ToJsonString(), answer["committer"]!.ToJsonString());
    }

    [Fact]
    public async Task What_would_break_the_form_is_dropped_from_an_author()
    {
        var tree = await server.PostTreeAsync(_token);
        var body = new JsonObject
        {
            ["tree"] = tree,
            ["message"] = "m",
            ["author"] = new JsonObject { ["name"] = "A <b>\nparent x", ["email"] = ">" },
        };
        var answer = await server.ExpectAsync(201, "POST", Commits, _token, body);
        Assert.Equal("A bparent x", (string)answer["author"]!["name"]!);
        Assert.Equal("", (string)answer["author"]!["email"]!);
    }

    [Theory]
    [InlineData("""{"tree":"TREE"}""", "Missing required field: message")]
    [InlineData("""{"message":"m"}""", "Missing required field: tree")]
    [InlineData("""{"message":"m","tree":"x"}""", "tree must be 40 hexadecimal digits")]
    [InlineData("""{"message":"m","tree":"00000000000000000000000000000000000000ff"}""", "There is no tree 00000000000000000000000000000000000000ff")]
    [InlineData("""{"message":"m","tree":"TREE","parents":"x"}""", "parents has the wrong type")]
    [InlineData("""{"message":"m","tree":"TREE","parents":["x"]}""", "parents[0] must be 40 hexadecimal digits")]
    [InlineData("""{"message":"m","tree":"TREE","parents":[null]}""", "parents[0] must be 40 hexadecimal digits")]
    [InlineData("""{"message":"m","tree":"TREE","parents":["TREE"]}""", "There is no commit TREE")]
    [InlineData("""{"message":"m","tree":"TREE","author":5}""", "author has the wrong type")]
    [InlineData("""{"message":"m","tree":"TREE","author":{"name":5}}""", "author.name has the wrong type")]
    [InlineData("""{"message":"m","tree":"TREE","author":{"date":"soon"}}""", "author.date must be a date and time after 1970 in ISO 8601 form")]
    [InlineData("""{"message":"m","tree":"TREE","author":{"date":"1969-12-31T23:59:59Z"}}""", "author.date must be a date and time after 1970 in ISO 8601 form")]
    [InlineData("""{"message":"a\u0000b","tree":"TREE"}""", "message must have at most 65536 characters and no NUL")]
    public async Task A_body_of_another_shape_is_refused_by_name(string body, string error)
    {
        var tree = await server.PostTreeAsync(_token);
        var json = JsonNode.Parse(body.Replace("TREE", tree, StringComparison.Ordinal));
        Assert.Equal(error.Replace("TREE", tree, StringComparison.Ordinal), await server.ExpectErrorAsync(400, "POST", Commits, _token, json));
    }

    [Fact]
    public async Task Limits_are_named()
    {
        var tree = await server.PostTreeAsync(_token);
        var parents = Enumerable.Repeat((JsonNode)tree, 17).Select(parent => parent.DeepClone()).ToArray();
        Assert.Equal("parents must be at most 16", await RefuseAsync(new JsonObject { ["tree"] = tree, ["message"] = "", ["parents"] = new JsonArray(parents) }));
        var author = new JsonObject { ["name"] = new string('x', 257) };
        Assert.Equal(
            "author must not have a name or email of more than 256 characters",
            await RefuseAsync(new JsonObject { ["tree"] = tree, ["message"] = "", ["author"] = author }));
        Assert.StartsWith(
            "message must", await RefuseAsync(new JsonObject { ["tree"] = tree, ["message"] = new string('x', 65_537) }), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_commit_is_not_found() =>
        Assert.Equal("Commit not found", await server.ExpectErrorAsync(404, "GET", $"{Commits}/{new string('0', 40)}", _token));

    private Task<string> RefuseAsync(JsonNode body) => server.ExpectErrorAsync(400, "POST", Commits, _token, body);

    private static string GitId(string tree, string message)
    {
        var who = "Ann <ann@example.org> 1772366400 +0000";
        var text = $"tree {tree}\nauthor {who}\ncommitter {who}\n\n{message}";
        var header = $"commit {text.Length}\0";
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(System.Text.Encoding.ASCII.GetBytes(header + text)));
    }
}
