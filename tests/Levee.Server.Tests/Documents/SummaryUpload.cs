using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Levee.Server.Tests.Documents;

/// <summary>Uploads summaries as Levee's own driver does: blobs, trees bottom-up, a commit, and the ref moved to it by force.</summary>
internal sealed class SummaryUpload(TestDocument document)
{
    private readonly string _git = $"/repos/{document.Tenant}/git";

    /// <summary>Uploads an app tree <c>root.txt</c> and <c>.channels/a/body</c>.</summary>
    /// <param name="body">The content of the one channel.</param>
    /// <param name="parents">The last acknowledged handle.</param>
    /// <returns>The commit.</returns>
    public async Task<string> UploadAsync(string body, params string[] parents)
    {
        var channel = await WriteTreeAsync(("body", body));
        var channels = await WriteTreeOfAsync(Entry("a", "040000", channel));
        var root = await WriteTreeOfAsync(
            Entry("root.txt", "100644", await WriteBlobAsync("root")), Entry(".channels", "040000", channels));
        return await CommitAndMoveRefAsync(root, parents);
    }

    /// <summary>Commits a tree and moves the document's ref, as the driver does before it submits.</summary>
    public async Task<string> CommitAndMoveRefAsync(string tree, params string[] parents)
    {
        var commit = await WriteCommitAsync(tree, parents);
        var moved = await document.AskAsync(HttpMethod.Patch, $"{_git}/refs/heads/{document.Id}", new { sha = commit, force = true });
        Assert.Equal(commit, moved.GetProperty("object").Text("sha"));
        return commit;
    }

    public async Task<string> WriteBlobAsync(string content) =>
        (await document.AskAsync(HttpMethod.Post, $"{_git}/blobs", new { content, encoding = "utf-8" })).Text("sha")!;

    public async Task<string> WriteTreeAsync(params (string Path, string Content)[] files)
    {
        var entries = new List<object>();
        foreach (var (path, content) in files)
        {
            entries.Add(Entry(path, "100644", await WriteBlobAsync(content)));
        }

        return await WriteTreeOfAsync([.. entries]);
    }

    public async Task<string> WriteTreeOfAsync(params object[] entries) =>
        (await document.AskAsync(HttpMethod.Post, $"{_git}/trees", new { tree = entries })).Text("sha")!;

    public async Task<string> WriteCommitAsync(string tree, params string[] parents)
    {
        var author = new { name = "Summarizer", email = "summarizer@example.org", date = "2026-01-01T00:00:00Z" };
        return (await document.AskAsync(HttpMethod.Post, $"{_git}/commits", new { message = "summary", tree, parents, author })).Text("sha")!;
    }

    /// <summary>A tree's entry; <paramref name="sha"/> may be a path in the last acknowledged summary.</summary>
    public static object Entry(string path, string mode, string sha) =>
        new { path, mode, sha, type = mode == "040000" ? "tree" : "blob" };

    /// <summary>The contents of a summarize op, as the JSON string that drivers send.</summary>
    public static string Contents(string handle, string head, params string[] parents) => JsonSerializer.Serialize(
        new { handle, head, message = "summary", parents });

    public async Task<JsonElement> ReadCommitAsync(string sha) => await document.AskAsync(HttpMethod.Get, $"{_git}/commits/{sha}");

    /// <summary>The blobs of a commit's tree by path, as text.</summary>
    public async Task<Dictionary<string, string>> ReadFilesAsync(string commit)
    {
        var tree = (await ReadCommitAsync(commit)).GetProperty("tree").Text("sha");
        var listed = await document.AskAsync(HttpMethod.Get, $"{_git}/trees/{tree}?recursive=1");
        var files = new Dictionary<string, string>();
        foreach (var entry in listed.GetProperty("tree").EnumerateArray().Where(entry => entry.Text("type") == "blob"))
        {
            var blob = await document.AskAsync(HttpMethod.Get, $"{_git}/blobs/{entry.Text("sha")}");
            files[entry.Text("path")!] = Encoding.UTF8.GetString(blob.GetProperty("content").GetBytesFromBase64());
        }

        return files;
    }

    /// <summary>A summarize op's contents as an object, which the service takes too.</summary>
    public static JsonNode ObjectContents(string handle, string head, params string[] parents) =>
        JsonNode.Parse(Contents(handle, head, parents))!;
}
