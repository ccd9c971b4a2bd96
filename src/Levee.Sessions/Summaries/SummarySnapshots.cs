using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Reads stored summaries whole, however they came to be: uploaded whole or part by part. May be called from any thread.</summary>
public sealed class SummarySnapshots(IDocumentStore store)
{
    private const string AppPrefix = SummaryLayout.App + "/";
    private const string AttributesPath = $"{ProtocolTree.Name}/{ProtocolTree.Attributes}";

    private readonly ObjectReader _objects = new(store);
    private readonly TreeService _trees = new(store);

    /// <summary>Reads the newest version of a document; null when it has none.</summary>
    /// <exception cref="MalformedMessageException">It has more entries, or longer paths, than one listing may have.</exception>
    public async Task<SummarySnapshot?> ReadLatestAsync(DocumentKey document, CancellationToken cancellationToken) =>
        await store.FindRefAsync(document.TenantId, GitRef.OfDocument(document.DocumentId), cancellationToken) is { } head
            ? await ReadAsync(document.TenantId, head, cancellationToken)
            : null;

    /// <summary>Reads a version, or what was uploaded under a handle; null when the tenant has no such commit or tree.</summary>
    /// <exception cref="MalformedMessageException">It has more entries, or longer paths, than one listing may have.</exception>
    public async Task<SummarySnapshot?> ReadAsync(string tenantId, ObjectId id, CancellationToken cancellationToken)
    {
        var tree = id;
        if (await _objects.FindAsync(tenantId, id, GitObjectKind.Commit, cancellationToken) is { } commit)
        {
            tree = ObjectReader.CommitOf(commit).Tree;
        }

        if (await _trees.ListAsync(tenantId, tree, recursive: true, cancellationToken) is not { } entries)
        {
            return null;
        }

        var flags = await SummaryFlags.ReadAsync(_objects, tenantId, entries.Where(IsAtRoot), cancellationToken);
        return new SummarySnapshot(
            id, tree, await ReadSequenceNumberAsync(tenantId, entries, cancellationToken), [.. Arrange(tree, entries, flags)]);
    }

    /// <summary>The app's parts under <c>.app</c>, where they are unless they are at the root; then what clients read of the service's.</summary>
    private static IEnumerable<SummaryEntry> Arrange(ObjectId tree, IReadOnlyList<GitTreeEntry> entries, SummaryFlags flags)
    {
        // Nobody looks at the id of a tree in a list: clients take trees by their paths.
        var isNested = entries.Any(entry => entry is { Name: SummaryLayout.App, Mode: GitFileMode.Directory });
        if (!isNested)
        {
            yield return new SummaryEntry(SummaryLayout.App, IsTree: true, tree);
        }

        foreach (var entry in entries.Where(entry => !SummaryLayout.IsService(RootOf(entry.Name))))
        {
            var appPath = isNested && entry.Name.StartsWith(AppPrefix, StringComparison.Ordinal) ? entry.Name[AppPrefix.Length..] : entry.Name;
            var flag = flags.Find(appPath);
            yield return ToEntry(entry) with
            {
                Path = isNested ? entry.Name : AppPrefix + entry.Name,
                Unreferenced = flag.Unreferenced,
                GroupId = flag.GroupId,
            };
        }

        foreach (var entry in entries.Where(entry => RootOf(entry.Name) is ProtocolTree.Name or SummaryLayout.LogTail))
        {
            yield return ToEntry(entry);
        }
    }

    private static SummaryEntry ToEntry(GitTreeEntry entry) => new(entry.Name, entry.Mode == GitFileMode.Directory, entry.Id);

    private static bool IsAtRoot(GitTreeEntry entry) => !entry.Name.Contains('/', StringComparison.Ordinal);

    private static string RootOf(string path) => path.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? path[..slash] : path;

    private async Task<long> ReadSequenceNumberAsync(string tenantId, IReadOnlyList<GitTreeEntry> entries, CancellationToken cancellationToken) =>
        entries.FirstOrDefault(entry => entry is { Name: AttributesPath, Mode: GitFileMode.File }) is { } attributes
            ? ProtocolTree.SequenceNumberOf((await _objects.FollowAsync(tenantId, attributes.Id, GitObjectKind.Blob, cancellationToken)).Content) ?? 0
            : 0;
}
