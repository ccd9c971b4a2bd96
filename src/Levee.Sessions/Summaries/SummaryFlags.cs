using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>
/// What a summary says of its trees beyond what a git tree can hold: <c>unreferenced</c> and <c>groupId</c>, by the tree's path below the app's
/// root. A version has them in the blob <c>.serviceProtocol/flags</c> when something is to be kept; a tree that was uploaded whole has them in
/// <c>.serviceProtocol/stated</c> always, since there nothing said is something said. The names differ because a client may make a tree on top of a
/// version's, and takes the version's blob along without having said a word: not even the blob's content tells that from saying the same again.
/// </summary>
internal sealed class SummaryFlags
{
    private const string KeptName = "flags";
    private const string StatedName = "stated";

    // Paths repeat the names above them: without a bound, a hundred thousand trees deep below long names would make gigabytes of them.
    private const int MaxCharacters = 4 << 20;

    // Of such paths' JSON, where an escaped character takes six bytes, with room for the rest.
    private const int MaxBlobBytes = 48 << 20;

    private readonly Dictionary<string, SummaryFlag> _flags = new(StringComparer.Ordinal);
    private string[]? _sorted;
    private long _characters;

    public bool IsEmpty => _flags.Count == 0;

    /// <summary>Whether they were read from an upload that states them, in a blob that can be read, even if it says nothing of any tree.</summary>
    public bool AreStated { get; private set; }

    /// <summary>Reads those of a stored summary, or of an uploaded tree.</summary>
    /// <param name="objects">Where it is stored.</param>
    /// <param name="tenantId">Whose it is.</param>
    /// <param name="root">The entries of its root.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<SummaryFlags> ReadAsync(
        ObjectReader objects, string tenantId, IEnumerable<GitTreeEntry> root, CancellationToken cancellationToken)
    {
        var flags = new SummaryFlags();
        if (root.FirstOrDefault(entry => entry is { Name: SummaryLayout.Service, Mode: GitFileMode.Directory }) is { } service)
        {
            var entries = await objects.ReadEntriesAsync(tenantId, service.Id, cancellationToken);
            var stated = entries.FirstOrDefault(entry => entry is { Name: StatedName, Mode: GitFileMode.File });
            if ((stated ?? entries.FirstOrDefault(entry => entry is { Name: KeptName, Mode: GitFileMode.File })) is { } blob)
            {
                var isRead = flags.TryAdd((await objects.FollowAsync(tenantId, blob.Id, GitObjectKind.Blob, cancellationToken)).Content);
                flags.AreStated = isRead && stated is not null;
            }
        }

        return flags;
    }

    /// <summary>What is said of the tree at a path; nothing for most.</summary>
    public SummaryFlag Find(string path) => _flags.GetValueOrDefault(path);

    /// <summary>Says something of the tree at a path.</summary>
    /// <exception cref="MalformedMessageException">There is too much of it.</exception>
    public void Set(string path, SummaryFlag flag)
    {
        if (flag == default)
        {
            return;
        }

        _characters += path.Length + (flag.GroupId?.Length ?? 0);
        if (_flags.Count == ObjectLimits.MaxListedEntries || _characters > MaxCharacters)
        {
            throw new MalformedMessageException("A summary must not have so many trees that are unreferenced or have a groupId");
        }

        _flags[path] = flag;
        _sorted = null;
    }

    /// <summary>Takes over what another summary says of a tree, and of all below it.</summary>
    public void Keep(SummaryFlags other, string from, string to)
    {
        Set(to, other.Find(from));
        var prefix = from + "/";
        var paths = other.SortedPaths;
        for (var i = FirstFrom(paths, prefix); i < paths.Length && paths[i].StartsWith(prefix, StringComparison.Ordinal); i++)
        {
            Set($"{to}/{paths[i].AsSpan(prefix.Length)}", other._flags[paths[i]]);
        }
    }

    /// <summary>Takes over what another summary says of trees that are, by path and content, the same in a new one.</summary>
    /// <param name="objects">Where both are stored.</param>
    /// <param name="tenantId">Whose they are.</param>
    /// <param name="other">The root tree of the other.</param>
    /// <param name="app">The app's tree of the new one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task KeepUnchangedAsync(
        ObjectReader objects, string tenantId, ObjectId other, ObjectId app, CancellationToken cancellationToken)
    {
        var flags = await ReadAsync(objects, tenantId, await objects.ReadEntriesAsync(tenantId, other, cancellationToken), cancellationToken);
        var paths = new TreePaths(objects, tenantId);
        foreach (var path in flags.SortedPaths)
        {
            if (await FindTreeAsync(paths, other, path, cancellationToken) is { } tree && await FindTreeAsync(paths, app, path, cancellationToken) == tree)
            {
                Set(path, flags.Find(path));
            }
        }
    }

    private static async Task<ObjectId?> FindTreeAsync(TreePaths paths, ObjectId root, string path, CancellationToken cancellationToken) =>
        await paths.FindAsync(root, path, cancellationToken) is [var first, ..] found
        && found[^1].Mode == GitFileMode.Directory
        && !SummaryLayout.IsService(first.Name)
            ? found[^1].Id
            : null;

    /// <summary>Makes the tree of the service that holds them, and adds it to <paramref name="objects"/>; null when there is nothing to keep.</summary>
    /// <param name="objects">Receives what must be stored.</param>
    /// <param name="asStated">Whether it is for an upload, which says even that there are none.</param>
    public GitTreeEntry? Build(ICollection<GitObject> objects, bool asStated = false)
    {
        if (IsEmpty && !asStated)
        {
            return null;
        }

        var blob = GitObject.Blob(ToJson());
        var tree = GitTree.Create([new GitTreeEntry(GitFileMode.File, asStated ? StatedName : KeptName, blob.Id)]).ToObject();
        objects.Add(blob);
        objects.Add(tree);
        return new GitTreeEntry(GitFileMode.Directory, SummaryLayout.Service, tree.Id);
    }

    private byte[] ToJson() => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var path in SortedPaths)
        {
            var flag = _flags[path];
            writer.WriteStartObject(path);
            if (flag.Unreferenced)
            {
                writer.WriteBoolean("unreferenced", true);
            }

            if (flag.GroupId is { } groupId)
            {
                writer.WriteString("groupId", groupId);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    });

    /// <summary>Reads the blob. A client may have uploaded one of that name; what can not be read says nothing.</summary>
    private bool TryAdd(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxBlobBytes)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Span);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var path = reader.TryGetText();
                var value = JsonReading.ReadValue(ref reader, json);
                if (path is not null)
                {
                    Set(path, ReadFlag(value));
                }
            }

            return reader.TokenType == JsonTokenType.EndObject;
        }
        catch (Exception e) when (e is JsonException or MalformedMessageException)
        {
            _flags.Clear();
            _sorted = null;
            return false;
        }
    }

    private static SummaryFlag ReadFlag(ReadOnlyMemory<byte> json) => new(
        JsonReading.TryGetMember(json, "unreferenced"u8, out var unreferenced) && unreferenced.Span[0] == (byte)'t',
        JsonReading.TryGetMember(json, "groupId"u8, out var groupId) ? JsonReading.TextOf(groupId) : null);

    /// <summary>In the order that puts what is below a path together, and gives the same flags the same bytes.</summary>
    private string[] SortedPaths => _sorted ??= [.. _flags.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The index of the first path that is not before <paramref name="path"/>.</summary>
    private static int FirstFrom(string[] paths, string path)
    {
        var index = Array.BinarySearch(paths, path, StringComparer.Ordinal);
        return index < 0 ? ~index : index;
    }
}

/// <summary>What is said of one tree.</summary>
internal readonly record struct SummaryFlag(bool Unreferenced, string? GroupId);
