using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Gateway.Tests.Rest;

/// <summary>A document created with a summary, read back by the git routes.</summary>
public sealed class InitialSummaryTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Values =
        """[["code",{"key":"code","value":{"package":"p","é":[1]},"approvalSequenceNumber":0,"commitSequenceNumber":0,"sequenceNumber":0}]]""";

    [Fact]
    public async Task The_apps_children_are_at_the_root_and_the_protocol_beside_them()
    {
        var attachment = await server.PostBlobAsync(server.Token("d"), "uploaded before");
        var id = await CreateAsync("""
            {"summary":{"tree":{
              ".protocol":{"type":1,"tree":{"attributes":{"type":2,"content":"{\"minimumSequenceNumber\":7,\"sequenceNumber\":7,\"own\":1}"},
                "quorumMembers":{"type":2,"content":"[]"},"quorumProposals":{"type":2,"content":"[]"},"quorumValues":{"type":2,"content":VALUES}}},
              ".app":{"tree":{"b":{"type":2,"content":{"content":"AP8=","encoding":"base64"}},"c":{"encoding":"base64","content":"AP8=","type":2},
                "t":{"type":1,"tree":{"x":{"type":2,"content":"text é"},"a":{"type":4,"id":"ATTACHMENT"}},"unreferenced":true}},"type":1}},"type":1}}
            """.Replace("VALUES", Quote(Values), StringComparison.Ordinal).Replace("ATTACHMENT", attachment, StringComparison.Ordinal));
        var files = await ReadAsync(id);
        Assert.Equal(
            [
                ".protocol/attributes", ".protocol/quorumMembers", ".protocol/quorumProposals", ".protocol/quorumValues", ".serviceProtocol/flags",
                "b", "c", "t/a", "t/x",
            ],
            files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([0, 255], files["b"]);
        Assert.Equal([0, 255], files["c"]);
        Assert.Equal("text é", Text(files["t/x"]));
        Assert.Equal("uploaded before", Text(files["t/a"]));
        Assert.Equal("""{"minimumSequenceNumber":7,"sequenceNumber":7,"own":1}""", Text(files[".protocol/attributes"]));
        Assert.Equal(Values, Text(files[".protocol/quorumValues"]));
        Assert.Equal("""{"t":{"unreferenced":true}}""", Text(files[".serviceProtocol/flags"]));
        Assert.Equal(7, (int)(await server.ExpectAsync(200, "GET", $"/documents/acme/{id}", server.Token(id)))["sequenceNumber"]!);
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" ".protocol":{"type":1,"tree":{"attributes":{"type":2,"content":"{\"minimumSequenceNumber\":0,\"sequenceNumber\":1}"}}}, """)]
    [InlineData(""" ".protocol":{"type":2,"content":"no tree"}, """)]
    public async Task A_protocol_tree_that_is_missing_or_says_something_else_is_written_anew(string protocol)
    {
        var id = await CreateAsync("""
            {"sequenceNumber":3,"values":VALUES,"summary":{"type":1,"tree":{PROTOCOL "x":{"type":2,"content":"y"}}}}
            """.Replace("VALUES", Values, StringComparison.Ordinal).Replace("PROTOCOL", protocol, StringComparison.Ordinal));
        var files = await ReadAsync(id);
        Assert.Equal("y", Text(files["x"]));
        Assert.Equal("""{"minimumSequenceNumber":3,"sequenceNumber":3}""", Text(files[".protocol/attributes"]));
        Assert.Equal("[]", Text(files[".protocol/quorumMembers"]));
        Assert.Equal("[]", Text(files[".protocol/quorumProposals"]));
        Assert.Equal(JsonNode.Parse(Values)!.ToJsonString(), JsonNode.Parse(files[".protocol/quorumValues"])!.ToJsonString());
    }

    [Fact]
    public async Task The_values_of_the_protocol_tree_become_the_quorum()
    {
        var id = await CreateAsync("""
            {"summary":{"type":1,"tree":{".protocol":{"type":1,"tree":{"quorumValues":{"type":2,"content":VALUES}}}}}}
            """.Replace("VALUES", Quote(Values), StringComparison.Ordinal));
        var record = await server.Store.FindDocumentAsync(new DocumentKey("acme", id), TestContext.Current.CancellationToken);
        Assert.Equal("code", Assert.Single(QuorumJson.ReadValues(record!.InitialState)).Key);
    }

    [Fact]
    public async Task The_commit_says_initial_summary_and_has_no_parents()
    {
        var id = await CreateAsync("""{"summary":{"type":1,"tree":{}}}""");
        var commit = await ReadCommitAsync(id);
        Assert.Equal("Initial summary", (string)commit["message"]!);
        Assert.Empty(commit["parents"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"type":1}""", "summary.tree is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":[]}""", "summary.tree must be an object")]
    [InlineData("""{"type":9,"tree":{}}""", "summary.type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)")]
    [InlineData("""{"tree":{}}""", "summary.type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)")]
    [InlineData("""{"type":1,"tree":{"a":5}}""", "summary.tree['a'] must be an object")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2}}}""", "summary.tree['a'].content is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":5}}}""", "summary.tree['a']: content must be a string")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":{}}}}""", "summary.tree['a'].content.content is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":"x","encoding":"base64"}}}""", "summary.tree['a']: content must be base64")]
    [InlineData("""{"type":1,"tree":{"a":{"type":4}}}""", "summary.tree['a'].id is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":4,"id":"x"}}}""", "The attachment 'a' must have a blob's id")]
    [InlineData("""{"type":1,"tree":{"a":{"type":4,"id":"00000000000000000000000000000000000000ff"}}}""", "'a': There is no blob 00000000000000000000000000000000000000ff")]
    [InlineData("""{"type":1,"tree":{"a":{"type":3,"handle":"/a"}}}""", "'a' is a handle: an initial summary has none before it that a handle could refer to")]
    [InlineData("""{"type":1,"tree":{".app":{"type":2,"content":""}}}""", ".app must be a tree")]
    [InlineData("""{"type":1,"tree":{"a/b":{"type":2,"content":""}}}""", "summary: A name must not contain '/' or NUL.")]
    [InlineData("""{"type":1,"tree":{".git":{"type":2,"content":""}}}""", "summary: A name must not be '.', '..' or a form of '.git'.")]
    [InlineData("""{"type":1,"tree":{".protocol":{"type":1,"tree":{"attributes":{"type":2,"content":"no json"}}}}}""", ".protocol/attributes must be JSON with integers")]
    public async Task A_summary_of_another_shape_is_refused_by_place_and_leaves_nothing(string summary, string error)
    {
        var id = RestServer.NewId();
        var body = new JsonObject { ["id"] = id, ["summary"] = JsonNode.Parse(summary) };
        Assert.Equal(error, await server.ExpectErrorAsync(400, "POST", "/documents/acme", server.Token(id), body));
        await server.ExpectErrorAsync(404, "GET", $"/documents/acme/{id}", server.Token(id));
    }

    private async Task<string> CreateAsync(string body) =>
        (string)(await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(""), JsonNode.Parse(body)))!;

    private async Task<JsonNode> ReadCommitAsync(string id)
    {
        var token = server.Token(id);
        var head = await server.ExpectAsync(200, "GET", $"/repos/acme/git/refs/heads/{id}", token);
        return await server.ExpectAsync(200, "GET", $"/repos/acme/git/commits/{head["object"]!["sha"]}", token);
    }

    private async Task<Dictionary<string, byte[]>> ReadAsync(string id)
    {
        var token = server.Token(id);
        var commit = await ReadCommitAsync(id);
        var tree = await server.ExpectAsync(200, "GET", $"/repos/acme/git/trees/{commit["tree"]!["sha"]}?recursive=1", token);
        var files = new Dictionary<string, byte[]>();
        foreach (var entry in tree["tree"]!.AsArray().Where(entry => (string)entry!["type"]! == "blob"))
        {
            var blob = await server.ExpectAsync(200, "GET", $"/repos/acme/git/blobs/{entry!["sha"]}", token);
            files.Add((string)entry["path"]!, Convert.FromBase64String((string)blob["content"]!));
        }

        return files;
    }

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static string Quote(string text) => JsonValue.Create(text).ToJsonString();
}
