using System.Text.Json.Nodes;

namespace Levee.Server.Tests.Documents;

/// <summary>Clients that summarize whole and clients that do it part by part, on one document: each loads what the other wrote.</summary>
public sealed class WholeSummaryTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Fact]
    public async Task What_is_uploaded_whole_is_loaded_part_by_part_and_the_reverse()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        var upload = new SummaryUpload(document);
        await using var client = await document.ConnectAsync();

        // Levee's own driver first: blobs, trees, a commit.
        var first = await SummarizeAsync(client, await upload.UploadAsync("one"), "");
        var loaded = await LoadAsync(document);
        Assert.Equal((first, "one", "root"), (loaded.Id, loaded.Files[".app/.channels/a/body"], loaded.Files[".app/root.txt"]));
        Assert.Contains(".protocol/attributes", loaded.Files.Keys);

        // Then whole, with a part of the first.
        await client.WriteAsync(client.Op());
        var handle = await StoreAsync(document, $$$"""
            [{"path":".channels","type":"tree","id":"{{{first}}}/.app/.channels"},
             {"path":"gone","type":"tree","unreferenced":true,"value":{"type":"tree","entries":[]}},
             {"path":"root.txt","type":"blob","value":{"type":"blob","content":"changed","encoding":"utf-8"}}]
            """);
        var second = await SummarizeAsync(client, handle, first, first);
        var files = await upload.ReadFilesAsync(second);
        Assert.Equal(("one", "changed"), (files[".channels/a/body"], files["root.txt"]));
        loaded = await LoadAsync(document);
        Assert.Equal((second, 5), (loaded.Id, loaded.SequenceNumber));
        Assert.Equal(["gone"], loaded.Unreferenced);

        // A part that is kept whole keeps what was said of it.
        await client.WriteAsync(client.Op());
        var third = await SummarizeAsync(client, await StoreAsync(document, $$"""[{"path":"kept","type":"tree","id":"{{second}}/.app/gone"}]"""), second, second);
        Assert.Equal(["kept"], (await LoadAsync(document)).Unreferenced);
        await client.WriteAsync(client.Op());
        // The driver that goes tree by tree has no words for that: it holds of what has not changed where it was, and of nothing else.
        var tree = await upload.WriteTreeOfAsync(SummaryUpload.Entry("same", "040000", "/kept"), SummaryUpload.Entry("kept", "040000", "/kept"));
        var fourth = await SummarizeAsync(client, await upload.CommitAndMoveRefAsync(tree, third), third, third);
        loaded = await LoadAsync(document);
        Assert.Equal(fourth, loaded.Id);
        Assert.Equal(["kept"], loaded.Unreferenced);
        await client.WriteAsync(client.Op());
        tree = await upload.WriteTreeOfAsync(SummaryUpload.Entry("kept", "040000", await upload.WriteTreeAsync(("now", "used"))));
        var fifth = await SummarizeAsync(client, await upload.CommitAndMoveRefAsync(tree, fourth), fourth, fourth);
        Assert.Empty((await LoadAsync(document)).Unreferenced);

        // What comes whole and says nothing of a tree says that it is referenced, though it is the same tree.
        const string Marked = """[{"path":"t","type":"tree",MARK"value":{"entries":[]}}]""";
        await client.WriteAsync(client.Op());
        var marked = await StoreAsync(document, Marked.Replace("MARK", "\"unreferenced\":true,", StringComparison.Ordinal));
        var sixth = await SummarizeAsync(client, marked, fifth, fifth);
        Assert.Equal(["t"], (await LoadAsync(document)).Unreferenced);
        await client.WriteAsync(client.Op());
        await SummarizeAsync(client, await StoreAsync(document, Marked.Replace("MARK", "", StringComparison.Ordinal)), sixth, sixth);
        Assert.Empty((await LoadAsync(document)).Unreferenced);

        // Each version is still what it was.
        var older = await document.AskAsync(HttpMethod.Get, $"/repos/{document.Tenant}/git/summaries/{first}");
        Assert.Equal(first, older.Text("id"));
        Assert.Equal("one", (await upload.ReadFilesAsync(first))[".channels/a/body"]);
    }

    [Fact]
    public async Task A_document_that_was_created_with_a_list_of_entries_is_summarized_by_either()
    {
        var created = JsonNode.Parse("""
            {"summary":{"type":"tree","entries":[{"path":"t","type":"tree","groupId":"g","value":{"type":"tree","entries":[
              {"path":"b","type":"blob","value":{"type":"blob","content":"x","encoding":"utf-8"}}]}}]}}
            """)!;
        var document = TestDocument.Unknown(fixture.Server);
        created["id"] = document.Id;
        await document.AskAsync(HttpMethod.Post, $"/documents/{document.Tenant}", created);
        var initial = (await document.ReadHeadAsync())!;
        await using var client = await document.ConnectAsync();
        await client.WriteAsync(client.Op());

        var upload = new SummaryUpload(document);
        var tree = await upload.WriteTreeOfAsync(SummaryUpload.Entry("t", "040000", "/t"));
        var first = await SummarizeAsync(client, await upload.CommitAndMoveRefAsync(tree, initial), initial, initial);
        Assert.Equal("x", (await LoadAsync(document)).Files[".app/t/b"]);
        Assert.Equal(["g"], (await LoadAsync(document)).Groups);
        await client.WriteAsync(client.Op());
        // The first version is still one of the document, and a part of it may be named.
        await SummarizeAsync(client, await StoreAsync(document, $$"""[{"path":"t","type":"tree","id":"{{initial}}/.app/t"}]"""), first, first);
        var (_, _, files, _, groups) = await LoadAsync(document);
        Assert.Equal("x", files[".app/t/b"]);
        Assert.Equal(["g"], groups);
    }

    private static async Task<string> StoreAsync(TestDocument document, string entries)
    {
        var body = new JsonObject { ["entries"] = JsonNode.Parse(entries), ["message"] = "", ["sequenceNumber"] = 0, ["type"] = "channel" };
        return (await document.AskAsync(HttpMethod.Post, $"/repos/{document.Tenant}/git/summaries?initial=false", body)).Text("id")!;
    }

    private static async Task<(string Id, long SequenceNumber, Dictionary<string, string> Files, List<string> Unreferenced, List<string> Groups)> LoadAsync(
        TestDocument document)
    {
        var summary = await document.AskAsync(HttpMethod.Get, $"/repos/{document.Tenant}/git/summaries/latest?disableCache=true");
        var blobs = summary.GetProperty("blobs").EnumerateArray().ToDictionary(
            blob => blob.Text("id")!, blob => System.Text.Encoding.UTF8.GetString(blob.GetProperty("content").GetBytesFromBase64()));
        var tree = summary.GetProperty("trees")[0];
        var entries = tree.GetProperty("entries").EnumerateArray().ToList();
        return (
            summary.Text("id")!,
            tree.Number("sequenceNumber"),
            entries.Where(entry => entry.Text("type") == "blob").ToDictionary(entry => entry.Text("path")!, entry => blobs[entry.Text("id")!]),
            [.. entries.Where(entry => entry.TryGetProperty("unreferenced", out _)).Select(entry => entry.Text("path")![".app/".Length..])],
            [.. entries.Where(entry => entry.TryGetProperty("groupId", out _)).Select(entry => entry.Text("groupId")!)]);
    }

    private static async Task<string> SummarizeAsync(DocumentClient client, string handle, string head, params string[] parents)
    {
        await client.WriteAsync(client.Op(SummaryUpload.Contents(handle, head, parents), type: "summarize"));
        var ack = await client.EventAsync("summaryAck");
        await client.AssertNoneAsync("summaryNack");
        return ack.GetProperty("contents").Text("handle")!;
    }
}
