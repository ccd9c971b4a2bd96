using System.Text;
using Levee.Faults.Record;

namespace Levee.Faults.Clients;

/// <summary>
/// Uploads summaries: as Levee's driver does (blobs, trees, a commit, the ref moved), as Microsoft's does (blobs, trees), or whole in one request. A
/// part that has not changed is named as each of them names it.
/// </summary>
internal sealed class SummaryUpload(RunState run, DocumentRecord document, Random random)
{
    private const string Kept = ".channels/kept/body";

    private readonly string _git = $"/repos/{ServerApi.Tenant}/git";
    private int _count;
    private readonly Dictionary<string, string> _bodyTrees = [];

    /// <summary>What every document is created with.</summary>
    public static string InitialKept => "kept from the beginning";

    /// <summary>Uploads one summary.</summary>
    /// <param name="head">The version that it builds on.</param>
    /// <param name="last">What that version holds; null for the first one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<UploadedSummary> UploadAsync(string head, UploadedSummary? last, CancellationToken cancellationToken)
    {
        var keeps = random.Next(3) > 0;
        var files = new Dictionary<string, byte[]>
        {
            [".metadata"] = Encoding.UTF8.GetBytes($$"""{"document":"{{document.DocumentId}}","summary":{{++_count}}}"""),
            [".channels/a/body"] = Bytes(random.Next(4000)),
            [".channels/b/body"] = Bytes(random.Next(10)),
            [Kept] = keeps ? last?.Files[Kept] ?? Encoding.UTF8.GetBytes(InitialKept) : Bytes(random.Next(2000)),
        };
        var handle = random.Next(3) switch
        {
            0 => await AsLeveeAsync(files, head, keeps, cancellationToken),
            1 => await AsFluidAsync(files, keeps, cancellationToken),
            _ => await WholeAsync(files, head, keeps, cancellationToken),
        };
        var uploaded = new UploadedSummary(handle, files);
        document.Uploaded(uploaded);
        return uploaded;
    }

    private async Task<string> AsLeveeAsync(Dictionary<string, byte[]> files, string head, bool keeps, CancellationToken cancellationToken)
    {
        // An unchanged part is named by its path in the last acknowledged summary.
        var kept = keeps ? "/.channels/kept" : await BodyTreeAsync(files[Kept], RestClientKind.Levee, cancellationToken);
        var tree = await RootTreeAsync(files, kept, RestClientKind.Levee, cancellationToken);
        var author = new { name = "Summarizer", email = "summarizer@example.org", date = "2026-01-01T00:00:00Z" };
        var commit = await PostAsync("commits", new { message = "summary", tree, parents = new[] { head }, author }, RestClientKind.Levee, "sha", cancellationToken);
        await run.Api.SendAsync(
            HttpMethod.Patch, $"{_git}/refs/heads/{document.DocumentId}", new { sha = commit, force = true }, document.DocumentId, RestClientKind.Levee, cancellationToken);
        return commit;
    }

    private async Task<string> AsFluidAsync(Dictionary<string, byte[]> files, bool keeps, CancellationToken cancellationToken)
    {
        // An unchanged part is named by the id that this client knows from its own upload.
        var kept = keeps && _bodyTrees.TryGetValue(Convert.ToBase64String(files[Kept]), out var known)
            ? known
            : await BodyTreeAsync(files[Kept], RestClientKind.Fluid, cancellationToken);
        return await RootTreeAsync(files, kept, RestClientKind.Fluid, cancellationToken);
    }

    private async Task<string> WholeAsync(Dictionary<string, byte[]> files, string head, bool keeps, CancellationToken cancellationToken)
    {
        object kept = keeps
            ? new { path = "kept", type = "tree", id = $"{head}/.app/.channels/kept" }
            : Tree("kept", Blob("body", files[Kept]));
        object[] entries =
        [
            Blob(".metadata", files[".metadata"]),
            Tree(".channels", Tree("a", Blob("body", files[".channels/a/body"])), Tree("b", Blob("body", files[".channels/b/body"])), kept),
        ];
        run.Summaries.Reached(SummaryPhase.Uploading);
        return await PostAsync(
            "summaries?initial=false", new { entries, message = "", sequenceNumber = 0, type = "channel" }, RestClientKind.Fluid, "id", cancellationToken);
    }

    private async Task<string> RootTreeAsync(Dictionary<string, byte[]> files, string kept, RestClientKind kind, CancellationToken cancellationToken)
    {
        var a = await BodyTreeAsync(files[".channels/a/body"], kind, cancellationToken);
        run.Summaries.Reached(SummaryPhase.Uploading);
        var b = await BodyTreeAsync(files[".channels/b/body"], kind, cancellationToken);
        var channels = await TreeAsync(kind, cancellationToken, Entry("a", a, "tree"), Entry("kept", kept, "tree"), Entry("b", b, "tree"));
        var metadata = await BlobAsync(files[".metadata"], kind, cancellationToken);
        return await TreeAsync(kind, cancellationToken, Entry(".metadata", metadata, "blob"), Entry(".channels", channels, "tree"));
    }

    private async Task<string> BodyTreeAsync(byte[] body, RestClientKind kind, CancellationToken cancellationToken) =>
        _bodyTrees[Convert.ToBase64String(body)] =
            await TreeAsync(kind, cancellationToken, Entry("body", await BlobAsync(body, kind, cancellationToken), "blob"));

    private Task<string> TreeAsync(RestClientKind kind, CancellationToken cancellationToken, params object[] tree) =>
        PostAsync("trees", new { tree }, kind, "sha", cancellationToken);

    private async Task<string> BlobAsync(byte[] content, RestClientKind kind, CancellationToken cancellationToken)
    {
        var id = await PostAsync("blobs", new { content = Convert.ToBase64String(content), encoding = "base64" }, kind, "sha", cancellationToken);
        document.UploadedBlob(id, content);
        return id;
    }

    private async Task<string> PostAsync(string path, object body, RestClientKind kind, string member, CancellationToken cancellationToken)
    {
        var answer = await run.Api.SendAsync(HttpMethod.Post, $"{_git}/{path}", body, document.DocumentId, kind, cancellationToken);
        return answer.GetProperty(member).GetString()!;
    }

    private static object Entry(string path, string sha, string type) =>
        new { path, mode = type == "tree" ? "040000" : "100644", sha, type };

    private static object Blob(string path, byte[] content) =>
        new { path, type = "blob", value = new { type = "blob", content = Convert.ToBase64String(content), encoding = "base64" } };

    private static object Tree(string path, params object[] entries) =>
        new { path, type = "tree", value = new { type = "tree", entries } };

    private byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
