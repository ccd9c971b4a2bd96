using System.Text;
using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;
using Levee.Storage.Sqlite;

namespace Levee.Sessions.Tests;

/// <summary>A document in a SQLite file and a client that summarizes it, for tests of what becomes of summaries.</summary>
internal sealed class Summarizing : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("levee-summaries-");

    private Summarizing(Action<SessionOptions>? configure)
    {
        Host = new SessionHost(configure, Open());
        Configure = configure;
    }

    public SessionHost Host { get; private set; }

    public DocumentConnection Connection { get; private set; } = null!;

    public RecordingClient Client { get; private set; } = null!;

    private Action<SessionOptions>? Configure { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>A document without a summary or, with one, of one blob, and a client connected to it.</summary>
    public static async Task<Summarizing> StartAsync(bool hasInitialSummary = false, Action<SessionOptions>? configure = null)
    {
        var started = new Summarizing(configure);
        var initial = new SummaryTree(new Dictionary<string, SummaryNode> { ["body"] = new SummaryBlob("initial"u8.ToArray()) });
        Assert.True(await new DocumentCreator(started.Host.Documents, started.Host.Time).CreateAsync(
            SessionHost.Key, new DocumentDraft(hasInitialSummary ? initial : null, null, null), Cancelled));
        await started.ConnectAsync();
        return started;
    }

    public async Task ConnectAsync() => (Connection, Client) = await Host.ConnectAsync(lastSeen: 0);

    /// <summary>Ends the server and starts another one on what the file holds; a client connects to it.</summary>
    public async Task RestartAsync()
    {
        await RestartAsync(store => store);
        await ConnectAsync();
    }

    /// <summary>As <see cref="RestartAsync()"/>, with something between the server and the file, and nobody connected.</summary>
    public async Task RestartAsync(Func<IDocumentStore, IDocumentStore> wrap)
    {
        await Host.DisposeAsync();
        Host = new SessionHost(Configure, wrap(Open()));
    }

    public async Task<long> WriteAsync(params DocumentMessage[] ops)
    {
        var last = Client.Numbers.DefaultIfEmpty().Max();
        await Connection.SubmitAsync(SessionHost.Ops(ops));
        await Client.Until(() => Client.Numbers.DefaultIfEmpty().Max() >= last + ops.Length || Client.Answers.Any(nacks => nacks.Count > 0));
        Assert.All(Client.Answers, Assert.Empty);
        return Client.Numbers.Max();
    }

    /// <summary>Stores a tree of one blob, as a client does that uploads part by part.</summary>
    public async Task<string> UploadAsync(string content, params GitTreeEntry[] others)
    {
        var blob = GitObject.Blob(Encoding.UTF8.GetBytes(content));
        var tree = GitTree.Create([new GitTreeEntry(GitFileMode.File, "body", blob.Id), .. others]).ToObject();
        await Host.Documents.PutObjectsAsync(SessionHost.Key.TenantId, [blob, tree], Cancelled);
        return tree.Id.ToString();
    }

    public async Task<ObjectId> StoreBlobAsync(string content)
    {
        var blob = GitObject.Blob(Encoding.UTF8.GetBytes(content));
        await Host.Documents.PutObjectsAsync(SessionHost.Key.TenantId, [blob], Cancelled);
        return blob.Id;
    }

    public async Task<GitTreeEntry> StoreTreeAsync(string name, params GitTreeEntry[] entries)
    {
        var tree = GitTree.Create(entries).ToObject();
        await Host.Documents.PutObjectsAsync(SessionHost.Key.TenantId, [tree], Cancelled);
        return new GitTreeEntry(GitFileMode.Directory, name, tree.Id);
    }

    public static DocumentMessage Summarize(
        long number, string handle, string? head, long reference = -1, string[]? parents = null, bool includesProtocolTree = false)
    {
        var contents = JsonSerializer.Serialize(new
        {
            handle,
            head = head ?? "",
            message = "summary",
            parents = parents ?? [],
            details = new { includesProtocolTree },
        });
        return SessionHost.Op(number, reference, JsonSerializer.Serialize(contents), "summarize");
    }

    /// <summary>Submits a summarize op and waits for its answer.</summary>
    public async Task<SummaryAnswer> SummarizeAsync(DocumentMessage op)
    {
        var answers = Answers.Count;
        await WriteAsync(op);
        await Client.Until(() => Answers.Count > answers);
        return Answers[^1];
    }

    public async Task<string> AcknowledgedAsync(DocumentMessage op)
    {
        var answer = await SummarizeAsync(op);
        Assert.Null(answer.Message);
        Assert.Equal(answer.Handle, (await HeadAsync())!.ToString());
        return answer.Handle!;
    }

    /// <summary>Submits a summarize op that must be refused and must not move the head.</summary>
    public async Task<string> RefusedAsync(DocumentMessage op)
    {
        var head = await HeadAsync();
        var answer = await SummarizeAsync(op);
        Assert.Null(answer.Handle);
        Assert.Equal(head, await HeadAsync());
        return answer.Message!;
    }

    public List<SummaryAnswer> Answers => [.. Client.Messages.Select(message => SummaryAnswer.Read(message)).OfType<SummaryAnswer>()];

    public async Task<ObjectId?> HeadAsync() =>
        await Host.Documents.FindRefAsync(SessionHost.Key.TenantId, GitRef.OfDocument(SessionHost.Key.DocumentId), Cancelled);

    public async Task<GitCommit> ReadCommitAsync(string id)
    {
        Assert.True(ObjectId.TryParse(id, out var parsed));
        return (await new CommitService(Host.Documents).FindAsync(SessionHost.Key.TenantId, parsed, Cancelled))!;
    }

    /// <summary>A version as a client loads it whole: the text of its blobs by path.</summary>
    public async Task<(SummarySnapshot Snapshot, Dictionary<string, string> Files)> LoadAsync(string? version = null)
    {
        var snapshots = new SummarySnapshots(Host.Documents);
        SummarySnapshot snapshot;
        if (version is null)
        {
            snapshot = (await snapshots.ReadLatestAsync(SessionHost.Key, Cancelled))!;
        }
        else
        {
            Assert.True(ObjectId.TryParse(version, out var id));
            snapshot = (await snapshots.ReadAsync(SessionHost.Key.TenantId, id, Cancelled))!;
        }

        var files = new Dictionary<string, string>();
        foreach (var entry in snapshot.Entries.Where(entry => !entry.IsTree))
        {
            var blob = await new ObjectReader(Host.Documents).FollowAsync(SessionHost.Key.TenantId, entry.Id, GitObjectKind.Blob, Cancelled);
            files.Add(entry.Path, Encoding.UTF8.GetString(blob.Content.Span));
        }

        return (snapshot, files);
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private SqliteDocumentStore Open() => SqliteDocumentStore.Open(
        new SqliteOptions { Path = Path.Combine(_directory.FullName, SqliteOptions.FileName), Synchronous = SqliteSynchronous.Off });
}
