using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>Loads a document's summary in each way that clients have, and compares it with what was uploaded.</summary>
internal sealed class SummaryLoad(ServerApi server, string documentId)
{
    private const string Protocol = ".protocol/";
    private const string Service = ".serviceProtocol/";

    private readonly string _repository = $"/repos/{ServerApi.Tenant}";

    /// <summary>The document's head, as drivers ask for it; it must be the same as its ref.</summary>
    public async Task<(string Commit, string Ref)> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var reference = await server.GetAsync($"{_repository}/git/refs/heads/{documentId}", documentId, RestClientKind.Levee, cancellationToken);
        var versions = await ReadVersionsAsync(1, cancellationToken);
        return (versions[0], reference.GetProperty("object").GetProperty("sha").GetString()!);
    }

    /// <summary>The versions, the newest first.</summary>
    public async Task<IReadOnlyList<string>> ReadVersionsAsync(int count, CancellationToken cancellationToken)
    {
        var versions = await server.GetAsync($"{_repository}/commits?count={count}&sha={documentId}", documentId, RestClientKind.Fluid, cancellationToken);
        return [.. versions.EnumerateArray().Select(version => version.GetProperty("sha").GetString()!)];
    }

    /// <summary>Loads a summary tree by tree and blob by blob, and whole.</summary>
    /// <exception cref="ViolationException">It is not what was uploaded.</exception>
    public async Task RequireAsync(AcknowledgedSummary summary, CancellationToken cancellationToken)
    {
        Compare(summary, await LoadPartsAsync(summary.Commit, cancellationToken), "part by part");
        Compare(summary, await LoadWholeAsync(summary.Commit, cancellationToken), "whole");
    }

    /// <summary>Loads what a document was created with.</summary>
    /// <exception cref="ViolationException">It is not all there.</exception>
    public async Task RequireInitialAsync(string commit, CancellationToken cancellationToken)
    {
        var parts = await LoadPartsAsync(commit, cancellationToken);
        var whole = await LoadWholeAsync(commit, cancellationToken);
        if (!parts.ContainsKey(".channels/kept/body") || !parts.ContainsKey($"{Protocol}attributes") || !parts.Keys.ToHashSet().SetEquals(whole.Keys))
        {
            throw new ViolationException($"{documentId}: the initial summary is {string.Join(' ', parts.Keys)}, or {string.Join(' ', whole.Keys)}");
        }
    }

    private async Task<Dictionary<string, byte[]>> LoadPartsAsync(string commit, CancellationToken cancellationToken)
    {
        var version = await server.GetAsync($"{_repository}/git/commits/{commit}", documentId, RestClientKind.Levee, cancellationToken);
        var tree = version.GetProperty("tree").GetProperty("sha").GetString();
        var listed = await server.GetAsync($"{_repository}/git/trees/{tree}?recursive=1", documentId, RestClientKind.Fluid, cancellationToken);
        var files = new Dictionary<string, byte[]>();
        foreach (var entry in listed.GetProperty("tree").EnumerateArray().Where(entry => entry.GetProperty("type").GetString() == "blob"))
        {
            files[entry.GetProperty("path").GetString()!] = await ReadBlobAsync(entry.GetProperty("sha").GetString()!, cancellationToken);
        }

        return files;
    }

    /// <summary>A blob's content.</summary>
    public async Task<byte[]> ReadBlobAsync(string id, CancellationToken cancellationToken)
    {
        var blob = await server.GetAsync($"{_repository}/git/blobs/{id}", documentId, RestClientKind.Fluid, cancellationToken);
        return blob.GetProperty("content").GetBytesFromBase64();
    }

    private async Task<Dictionary<string, byte[]>> LoadWholeAsync(string commit, CancellationToken cancellationToken)
    {
        var whole = await server.GetAsync($"{_repository}/git/summaries/{commit}", documentId, RestClientKind.Fluid, cancellationToken);
        var blobs = whole.GetProperty("blobs").EnumerateArray().ToDictionary(
            blob => blob.GetProperty("id").GetString()!, blob => blob.GetProperty("content").GetBytesFromBase64());
        var files = new Dictionary<string, byte[]>();
        foreach (var entry in whole.GetProperty("trees")[0].GetProperty("entries").EnumerateArray())
        {
            if (entry.GetProperty("type").GetString() == "blob")
            {
                var path = entry.GetProperty("path").GetString()!;
                files[path.StartsWith(".app/", StringComparison.Ordinal) ? path[5..] : path] = blobs[entry.GetProperty("id").GetString()!];
            }
        }

        return files;
    }

    private void Compare(AcknowledgedSummary summary, Dictionary<string, byte[]> loaded, string how)
    {
        var app = loaded.Where(file => !file.Key.StartsWith(Protocol, StringComparison.Ordinal) && !file.Key.StartsWith(Service, StringComparison.Ordinal))
            .ToDictionary();
        foreach (var (path, content) in summary.Uploaded.Files)
        {
            Require(app.Remove(path, out var there) && content.AsSpan().SequenceEqual(there), summary, how, $"{path} is missing or another");
        }

        Require(app.Count == 0, summary, how, $"nobody uploaded {string.Join(", ", app.Keys)}");
        var attributes = JsonOf(loaded, "attributes", summary, how);
        var covered = attributes.GetProperty("sequenceNumber").GetInt64();
        Require(covered == summary.ReferenceSequenceNumber, summary, how, $"it covers {covered}, not {summary.ReferenceSequenceNumber}");
        var members = JsonOf(loaded, "quorumMembers", summary, how).EnumerateArray().Select(member => member[0].GetString()!).ToHashSet();
        Require(members.SetEquals(summary.Members), summary, how, "its quorum is not that of the log at what it covers");
    }

    private JsonElement JsonOf(Dictionary<string, byte[]> loaded, string name, AcknowledgedSummary summary, string how)
    {
        Require(loaded.TryGetValue(Protocol + name, out var json), summary, how, $"{Protocol}{name} is missing");
        return JsonSerializer.Deserialize<JsonElement>(json);
    }

    private void Require(bool holds, AcknowledgedSummary summary, string how, string what)
    {
        if (!holds)
        {
            throw new ViolationException($"{documentId}: summary {summary.Commit}, loaded {how}: {what}");
        }
    }
}
