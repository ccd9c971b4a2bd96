using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Sessions;
using Levee.Storage;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Summaries that come and go whole.</summary>
public sealed class SummariesTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Route = "/repos/acme/git/summaries";
    private const string NoHandle =
        "'x': An id must be that of a stored blob, or the handle of an acknowledged summary followed by /.app/ and a path in it";

    private const string Nowhere = "00000000000000000000000000000000000000ff";

    private const string Initial = """
        {"sequenceNumber":3,"summary":{"type":"tree","entries":[
          {"path":"a%20b","type":"blob","value":{"type":"blob","content":"text é","encoding":"utf-8"}},
          {"path":".channels","type":"tree","value":{"type":"tree","entries":[
            {"path":"old","type":"tree","unreferenced":true,"value":{"type":"tree","entries":[
              {"path":"part","type":"tree","groupId":"g","value":{"type":"tree","entries":[
                {"path":"bin","type":"blob","value":{"type":"blob","content":"AP8=","encoding":"base64"}}]}}]}},
            {"path":"new","type":"tree","value":{"type":"tree","entries":[]}}]}}]}}
        """;

    [Fact]
    public async Task The_latest_summary_is_all_that_a_client_loads()
    {
        var id = await CreateAsync();
        var head = await HeadAsync(id);
        var latest = await ReadAsync(id, "latest");
        Assert.Equal(head, (string)latest["id"]!);
        var tree = Assert.Single(latest["trees"]!.AsArray())!;
        Assert.Equal(3, (int)tree["sequenceNumber"]!);
        Assert.Equal(40, ((string)tree["id"]!).Length);
        Assert.Equal(
            [
                ".app tree", ".app/.channels tree", ".app/.channels/new tree", ".app/.channels/old tree unreferenced",
                ".app/.channels/old/part tree g", ".app/.channels/old/part/bin blob", ".app/a%20b blob", ".protocol tree",
                ".protocol/attributes blob", ".protocol/quorumMembers blob", ".protocol/quorumProposals blob", ".protocol/quorumValues blob",
            ],
            Describe(latest));
        var files = FilesOf(latest);
        Assert.Equal("text é", Encoding.UTF8.GetString(files[".app/a%20b"]));
        Assert.Equal([0, 255], files[".app/.channels/old/part/bin"]);
        Assert.Equal("""{"minimumSequenceNumber":3,"sequenceNumber":3}""", Encoding.UTF8.GetString(files[".protocol/attributes"]));
        // A blob that is there twice, such as an empty list, is sent once.
        var blobs = latest["blobs"]!.AsArray().Select(blob => (string)blob!["id"]!).ToList();
        Assert.Equal(blobs.Distinct(), blobs);
        Assert.All(latest["blobs"]!.AsArray(), blob => Assert.Equal(Convert.FromBase64String((string)blob!["content"]!).Length, (int)blob["size"]!));
        Assert.Equal(latest.ToJsonString(), (await ReadAsync(id, head)).ToJsonString());
    }

    [Fact]
    public async Task An_upload_refers_to_parts_of_a_version_and_keeps_what_is_said_of_them()
    {
        var id = await CreateAsync();
        var head = await HeadAsync(id);
        var attachment = await server.PostBlobAsync(server.Token(id), "uploaded before");
        var handle = await UploadAsync(id, """
            [{"path":".channels","type":"tree","value":{"type":"tree","entries":[
               {"path":"kept","type":"tree","id":"HEAD/.app/.channels/old"},
               {"path":"gone","type":"tree","unreferenced":true,"value":{"type":"tree","entries":[]}}]}},
             {"path":"text","type":"blob","id":"HEAD/.app/a%20b"},
             {"path":"att","type":"blob","id":"ATTACHMENT"},
             {"path":".protocol","type":"tree","value":{"type":"tree","entries":[]}}]
            """.Replace("HEAD", head, StringComparison.Ordinal).Replace("ATTACHMENT", attachment, StringComparison.Ordinal));
        var stored = await ReadAsync(id, handle);
        Assert.Equal(
            [
                ".app tree", ".app/.channels tree", ".app/.channels/gone tree unreferenced", ".app/.channels/kept tree unreferenced",
                ".app/.channels/kept/part tree g", ".app/.channels/kept/part/bin blob", ".app/att blob", ".app/text blob",
            ],
            Describe(stored));
        Assert.Equal("text é", Encoding.UTF8.GetString(FilesOf(stored)[".app/text"]));
        Assert.Equal("uploaded before", Encoding.UTF8.GetString(FilesOf(stored)[".app/att"]));
        // The handle is no version: only a summarize op that names it makes one.
        Assert.Equal(head, (string)(await ReadAsync(id, "latest"))["id"]!);
    }

    [Theory]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.app/.channels/none"}""", "'x': There is nothing of that path in summary HEAD")]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.app/a%20b/y"}""", "'x': There is nothing of that path in summary HEAD")]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.app/.protocol"}""", "'x': There is nothing of that path in summary HEAD")]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.app/"}""", "'x': There is nothing of that path in summary HEAD")]
    [InlineData("""{"path":"x","type":"blob","id":"HEAD/.app/.channels"}""", "'x': What summary HEAD has at that path is no blob")]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.app/a%20b"}""", "'x': What summary HEAD has at that path is no tree")]
    [InlineData("""{"path":"x","type":"tree","id":"FOREIGN/.app/.channels"}""", "'x': FOREIGN is no summary of this document")]
    [InlineData("""{"path":"x","type":"tree","id":"NOWHERE/.app/.channels"}""", "'x': NOWHERE is no summary of this document")]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD/.channels"}""", NoHandle)]
    [InlineData("""{"path":"x","type":"tree","id":"/.app/.channels"}""", NoHandle)]
    [InlineData("""{"path":"x","type":"tree","id":"HEAD"}""", NoHandle)]
    [InlineData("""{"path":"x","type":"blob","id":"y"}""", NoHandle)]
    [InlineData("""{"path":"x","type":"blob","id":"NOWHERE"}""", "'x': There is no blob NOWHERE")]
    [InlineData("""{"path":"t","type":"tree","value":{"entries":[{"path":"x","type":"blob","id":"NOWHERE"}]}}""", "'t/x': There is no blob NOWHERE")]
    [InlineData("""{"path":"a/b","type":"tree","value":{"entries":[]}}""", "summary: A name must not contain '/' or NUL.")]
    [InlineData("""{"path":"x","type":"tree"}""", "summary.entries[0] must have a value, or the id of something that is stored")]
    public async Task An_entry_that_can_not_be_stored_is_refused_by_name(string entry, string error)
    {
        var id = await CreateAsync();
        var head = await HeadAsync(id);
        // Two documents that began alike in the same second share their first commit: it takes another.
        var other = await CreateAsync();
        var foreign = await CommitAsync(other, await HeadAsync(other));
        string Fill(string text) => text
            .Replace("HEAD", head, StringComparison.Ordinal).Replace("FOREIGN", foreign, StringComparison.Ordinal).Replace("NOWHERE", Nowhere, StringComparison.Ordinal);
        var body = new JsonObject { ["entries"] = JsonNode.Parse($"[{Fill(entry)}]"), ["type"] = "channel" };
        Assert.Equal(Fill(error), await server.ExpectErrorAsync(400, "POST", Route, server.Token(id), body));
    }

    [Fact]
    public async Task A_version_before_the_head_is_as_good_to_refer_to()
    {
        var id = await CreateAsync();
        var first = await HeadAsync(id);
        var second = await CommitAsync(id, first);
        Assert.Equal(40, (await UploadAsync(id, $$"""[{"path":"x","type":"tree","id":"{{first}}/.app/.channels"}]""")).Length);
        Assert.Equal(40, (await UploadAsync(id, $$"""[{"path":"x","type":"tree","id":"{{second}}/.app/.channels"}]""")).Length);
    }

    [Fact]
    public async Task No_more_summaries_are_referred_to_than_is_looked_at()
    {
        var id = await CreateAsync();
        var versions = new List<string> { await HeadAsync(id) };
        while (versions.Count < 9)
        {
            versions.Add(await CommitAsync(id, versions[^1]));
        }

        string Entries(int count) => $"[{string.Join(',', versions.Take(count).Select((version, i) => $$"""{"path":"{{i}}","type":"tree","id":"{{version}}/.app/.channels"}"""))}]";
        await UploadAsync(id, Entries(8));
        var error = await server.ExpectErrorAsync(400, "POST", Route, server.Token(id), new JsonObject { ["entries"] = JsonNode.Parse(Entries(9)) });
        Assert.Equal("'8': A summary must not refer to more than 8 others", error);
    }

    [Theory]
    [InlineData("?initial=true", """{"entries":[],"type":"channel"}""", "initial must be false: POST /documents creates a document with its initial summary")]
    [InlineData("?initial=1", """{"entries":[],"type":"channel"}""", "initial must be false: POST /documents creates a document with its initial summary")]
    [InlineData("?initial=false", """{"entries":[],"type":"container"}""", "type must be channel: the app's tree alone")]
    [InlineData("", """{"type":"channel"}""", "Missing required field: entries")]
    [InlineData("", """{"entries":{}}""", "summary.entries must be a list")]
    public async Task Another_kind_of_upload_is_refused(string query, string body, string error)
    {
        var id = await CreateAsync();
        Assert.Equal(error, await server.ExpectErrorAsync(400, "POST", Route + query, server.Token(id), JsonNode.Parse(body)));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        var unknown = RestServer.NewId();
        var upload = new JsonObject { ["entries"] = new JsonArray() };
        Assert.Equal("Document not found", await server.ExpectErrorAsync(404, "POST", Route, server.Token(unknown), upload));
        Assert.Equal("Summary not found", await server.ExpectErrorAsync(404, "GET", $"{Route}/latest", server.Token(unknown)));
        await server.CreateDocumentAsync(unknown);
        Assert.Equal("Summary not found", await server.ExpectErrorAsync(404, "GET", $"{Route}/latest", server.Token(unknown)));
        Assert.Equal("Summary not found", await server.ExpectErrorAsync(404, "GET", $"{Route}/{Nowhere}", server.Token(unknown)));
        Assert.Equal("sha must be 40 hexadecimal digits", await server.ExpectErrorAsync(400, "GET", $"{Route}/newest", server.Token(unknown)));
        var blob = await server.PostBlobAsync(server.Token(unknown), "no summary");
        Assert.Equal("Summary not found", await server.ExpectErrorAsync(404, "GET", $"{Route}/{blob}", server.Token(unknown)));
    }

    [Fact]
    public async Task A_version_may_be_kept_for_ever_and_the_latest_not_at_all()
    {
        var id = await CreateAsync();
        var head = await HeadAsync(id);
        Assert.Contains("immutable", await CachingAsync(id, head), StringComparison.Ordinal);
        Assert.Equal("no-store", await CachingAsync(id, $"{head}?disableCache=true"));
        Assert.Equal("no-store", await CachingAsync(id, "latest"));
        Assert.Equal("no-store", await CachingAsync(id, Nowhere));
    }

    [Fact]
    public async Task Head_has_no_body()
    {
        var id = await CreateAsync();
        using var response = await server.SendAsync("HEAD", $"{Route}/latest", server.Token(id));
        Assert.True(response.IsSuccessStatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("""{"entries":NESTED}""", """[{"path":"t","type":"tree","value":{"entries":""", "[]", "}}]", false)]
    [InlineData("""{"summary":{"type":"tree","entries":NESTED}}""", """[{"path":"t","type":"tree","value":{"entries":""", "[]", "}}]", true)]
    [InlineData("""{"summary":{"type":1,"tree":NESTED}}""", """{"t":{"type":1,"tree":""", "{}", "}}", true)]
    [InlineData("""{"summary":{"tree":NESTED,"type":1}}""", """{"t":{"tree":""", "{}", ""","type":1}}""", true)]
    public async Task Trees_may_lie_as_deep_as_trees_may_and_no_deeper(string body, string open, string innermost, string close, bool isAttach)
    {
        var id = isAttach ? "" : await CreateAsync();
        async Task<(int Status, string Text)> SendAsync(int levels)
        {
            var nested = string.Concat(Enumerable.Repeat(open, levels)) + innermost + string.Concat(Enumerable.Repeat(close, levels));
            using var response = await server.SendJsonAsync(
                "POST", isAttach ? "/documents/acme" : Route, server.Token(id), body.Replace("NESTED", nested, StringComparison.Ordinal));
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var (status, text) = await SendAsync(ObjectLimits.MaxTreeDepth - 1);
        Assert.True(status == 201, text);
        var stored = isAttach ? await ReadAsync((string)JsonNode.Parse(text)!, "latest") : await ReadAsync(id, (string)JsonNode.Parse(text)!["id"]!);
        Assert.Equal(ObjectLimits.MaxTreeDepth, stored["trees"]![0]!["entries"]!.AsArray().Count(entry => ((string)entry!["path"]!).StartsWith(".app", StringComparison.Ordinal)));
        Assert.Equal((400, """{"error":"A summary must not have more than 64 levels"}"""), await SendAsync(ObjectLimits.MaxTreeDepth));
        Assert.Equal((400, """{"error":"Request body is not valid JSON"}"""), await SendAsync(10_000));
    }

    [Theory]
    [InlineData(32, true, false)]
    [InlineData(32, true, true)]
    [InlineData(33, false, false)]
    [InlineData(33, false, true)]
    [InlineData(200, false, false)]
    [InlineData(200, false, true)]
    public async Task Accepted_values_may_be_so_deep_that_they_can_be_kept_inside_of_other_json(int levels, bool isTaken, bool areInSummary)
    {
        // A list of pairs of a key and an object are three levels already.
        var value = new string('[', levels - 3) + new string(']', levels - 3);
        var values = $$"""[["k",{"key":"k","value":{{value}},"sequenceNumber":0,"approvalSequenceNumber":0}]]""";
        var body = areInSummary
            ? """{"summary":{"type":1,"tree":{".protocol":{"type":1,"tree":{"quorumValues":{"type":2,"content":VALUES}}}}}}"""
                .Replace("VALUES", JsonValue.Create(values).ToJsonString(), StringComparison.Ordinal)
            : $$"""{"values":{{values}}}""";
        using var response = await server.SendJsonAsync("POST", "/documents/acme", server.Token(""), body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == (isTaken ? 201 : 400), text);
        if (!isTaken)
        {
            Assert.Equal("""{"error":"values must not be nested more than 32 levels deep"}""", text);
        }
    }

    [Fact]
    public async Task Many_and_large_blobs_arrive_whole()
    {
        var id = await CreateAsync();
        var random = new Random(1);
        var contents = Enumerable.Range(0, 300).ToDictionary(i => $".app/{i}", i =>
        {
            var bytes = new byte[i == 7 ? 1_000_000 : i];
            random.NextBytes(bytes);
            return bytes;
        });
        var entries = contents.Select(file => $$$"""{"path":"{{{file.Key[5..]}}}","type":"blob","value":{"content":"{{{Convert.ToBase64String(file.Value)}}}","encoding":"base64"}}""");
        var files = FilesOf(await ReadAsync(id, await UploadAsync(id, $"[{string.Join(',', entries)}]")));
        Assert.Equal(contents.Count, files.Count);
        Assert.All(contents, file => Assert.Equal(file.Value, files[file.Key]));
    }

    [Fact]
    public async Task A_commit_that_has_the_apps_tree_in_one_of_its_own_is_shown_as_it_is()
    {
        var id = await CreateAsync();
        var token = server.Token(id);
        var app = await server.PostTreeAsync(token, ("x", "100644", await server.PostBlobAsync(token, "y")));
        var protocol = await server.PostTreeAsync(token, ("attributes", "100644", await server.PostBlobAsync(token, "no json")));
        var root = await server.PostTreeAsync(token, (".app", "040000", app), (".protocol", "040000", protocol));
        var commit = await server.PostCommitAsync(token, root, "own");
        var summary = await ReadAsync(id, commit);
        Assert.Equal([".app tree", ".app/x blob", ".protocol tree", ".protocol/attributes blob"], Describe(summary));
        Assert.Equal(0, (int)summary["trees"]![0]!["sequenceNumber"]!);
    }

    private async Task<string> CreateAsync() =>
        (string)(await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(""), JsonNode.Parse(Initial)))!;

    private async Task<string> UploadAsync(string id, string entries)
    {
        var body = $$"""{"entries":{{entries}},"message":"","sequenceNumber":0,"type":"channel"}""";
        using var response = await server.SendJsonAsync("POST", $"{Route}?initial=false", server.Token(id), body);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == 201, text);
        return (string)JsonNode.Parse(text)!["id"]!;
    }

    private async Task<JsonNode> ReadAsync(string id, string version) => await server.ExpectAsync(200, "GET", $"{Route}/{version}", server.Token(id));

    private async Task<string> HeadAsync(string id) => (await server.Store.FindRefAsync("acme", GitRef.OfDocument(id), TestContext.Current.CancellationToken))!.ToString()!;

    /// <summary>Moves the head to a new version with the same tree, as an acknowledgement would.</summary>
    private async Task<string> CommitAsync(string id, string head)
    {
        var cancellation = TestContext.Current.CancellationToken;
        Assert.True(ObjectId.TryParse(head, out var parent));
        var commit = GitCommit.Parse((await server.Store.FindObjectAsync("acme", parent, cancellation))!.Content.Span);
        var next = new GitCommit(commit.Tree, [parent], commit.Author, commit.Committer, "next").ToObject();
        await server.Store.PutObjectsAsync("acme", [next], cancellation);
        var key = new DocumentKey("acme", id);
        var last = (await server.Store.FindDocumentAsync(key, cancellation))!.LastSequenceNumber;
        var deltas = new DeltaBatchBuilder();
        deltas.AddEncoded(last + 1, Encoding.UTF8.GetBytes(RestServer.Message((int)last + 1)));
        Assert.Equal(AppendOutcome.Appended, await server.Store.AppendAsync(
            new AppendRequest { Key = key, Deltas = deltas.Build(), Head = new HeadUpdate(parent, next.Id) }, cancellation));
        return next.Id.ToString();
    }

    private async Task<string> CachingAsync(string id, string version)
    {
        using var response = await server.SendAsync("GET", $"{Route}/{version}", server.Token(id));
        return response.Headers.CacheControl!.ToString();
    }

    private static IEnumerable<string> Describe(JsonNode summary) => summary["trees"]![0]!["entries"]!.AsArray().Select(entry =>
        $"{entry!["path"]} {entry["type"]}{(entry["unreferenced"] is { } flag ? $" {(flag.GetValue<bool>() ? "unreferenced" : "?")}" : "")}{(entry["groupId"] is { } group ? $" {group}" : "")}");

    private static Dictionary<string, byte[]> FilesOf(JsonNode summary)
    {
        var blobs = summary["blobs"]!.AsArray().ToDictionary(blob => (string)blob!["id"]!, blob => Convert.FromBase64String((string)blob!["content"]!));
        return summary["trees"]![0]!["entries"]!.AsArray().Where(entry => (string)entry!["type"]! == "blob")
            .ToDictionary(entry => (string)entry!["path"]!, entry => blobs[(string)entry!["id"]!]);
    }
}
