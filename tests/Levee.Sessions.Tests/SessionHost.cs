using System.Text;
using System.Text.Json;
using Levee.Protocol;
using Levee.Storage;
using Levee.Testing.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Sessions.Tests;

/// <summary>Sessions over a store in memory, or a file that outlives the host, with a clock that a test can move.</summary>
internal sealed class SessionHost : IAsyncDisposable
{
    private readonly List<SessionDirectory> _directories = [];

    public SessionHost(Action<SessionOptions>? configure = null, IDocumentStore? documents = null)
    {
        Documents = documents ?? Store;
        configure?.Invoke(Options);
        Directory = NewDirectory();
    }

    public static DocumentKey Key { get; } = new("tenant", "document");

    public MemoryDocumentStore Store { get; } = new();

    /// <summary>What the sessions write to: <see cref="Store"/>, unless the host was given another.</summary>
    public IDocumentStore Documents { get; }

    public SessionOptions Options { get; } = new();

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UnixEpoch.AddDays(20_000));

    public SessionDirectory Directory { get; }

    /// <summary>Another server on the same store.</summary>
    public SessionDirectory NewDirectory()
    {
        var directory = new SessionDirectory(new SessionServices
        {
            Store = Documents,
            Options = Options,
            Logger = NullLogger<DocumentSession>.Instance,
            Time = Time,
        });
        _directories.Add(directory);
        return directory;
    }

    public async Task<SessionHost> WithDocumentAsync()
    {
        await Documents.CreateDocumentAsync(DocumentCreation.Empty(Key, Time.GetUtcNow()), TestContext.Current.CancellationToken);
        return this;
    }

    /// <summary>Connects a client and waits until it is connected.</summary>
    public async Task<(DocumentConnection Connection, RecordingClient Client)> ConnectAsync(
        ConnectionMode mode = ConnectionMode.Write, long? lastSeen = null, SessionDirectory? directory = null)
    {
        var client = new RecordingClient();
        var connection = NewConnection(client, mode, lastSeen);
        await (directory ?? Directory).ConnectAsync(Key, connection);
        await client.UntilConnected();
        return (connection, client);
    }

    public static DocumentConnection NewConnection(
        RecordingClient client, ConnectionMode mode = ConnectionMode.Write, long? lastSeen = null) => new(
            client,
            ClientDetail.Create("{}"u8.ToArray(), """{"id":"ann"}"""u8.ToArray(), [Scopes.DocRead, Scopes.DocWrite], mode),
            maySummarize: true,
            lastSeen);

    public static Submission Ops(params DocumentMessage[] messages) => new(messages, messages.Sum(message => message.Members.Length));

    public static DocumentMessage Op(long clientSequenceNumber, long referenceSequenceNumber = -1, string contents = "\"x\"", string type = "op")
    {
        var json = $$"""{"type":"{{type}}","clientSequenceNumber":{{clientSequenceNumber}},"referenceSequenceNumber":{{referenceSequenceNumber}},"contents":{{contents}}}""";
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes);
        reader.Read();
        return new DocumentMessageReader(bytes).Read(ref reader);
    }

    /// <summary>What the log holds, as text.</summary>
    public async Task<List<string>> ReadLogAsync()
    {
        var log = await Documents.ReadDeltasAsync(Key, 0, long.MaxValue, int.MaxValue, int.MaxValue, TestContext.Current.CancellationToken);
        return [.. Enumerable.Range(0, log.Count).Select(i => Encoding.UTF8.GetString(log[i].Span))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var directory in _directories)
        {
            await directory.StopAsync();
        }

        await Documents.DisposeAsync();
    }
}
