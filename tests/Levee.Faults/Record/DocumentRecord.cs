using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>
/// What the clients of one document know, kept outside of the server: every message that any of them saw, byte for byte, every submission that
/// was answered, every upload. Safe for any number of threads.
/// </summary>
internal sealed class DocumentRecord(string documentId, string initialVersion)
{
    private const int BlobsToCheck = 8;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, byte[]> _messages = [];
    private readonly Dictionary<string, long> _acknowledged = [];
    private readonly Dictionary<string, ClientIdentity> _clients = [];
    private readonly Dictionary<string, UploadedSummary> _uploads = [];
    private readonly Queue<(string Id, byte[] Content)> _blobs = [];
    private long _lastSeen;

    public string DocumentId => documentId;

    /// <summary>The version that the document was created with.</summary>
    public string InitialVersion => initialVersion;

    /// <summary>The highest number that anybody saw.</summary>
    public long LastSeen => Locked(() => _lastSeen);

    /// <summary>The last op that was answered, by writer.</summary>
    public IReadOnlyDictionary<string, long> Acknowledged => Locked(() => _acknowledged.ToDictionary());

    /// <summary>The last blobs that the server said it has, by id.</summary>
    public IReadOnlyList<(string Id, byte[] Content)> Blobs => Locked<IReadOnlyList<(string, byte[])>>(() => [.. _blobs]);

    /// <summary>Takes a message that somebody saw.</summary>
    /// <exception cref="ViolationException">Somebody saw another one of that number.</exception>
    public void See(JsonElement message, string who)
    {
        var number = message.GetProperty("sequenceNumber").GetInt64();
        var bytes = JsonMarshal.GetRawUtf8Value(message);
        lock (_gate)
        {
            ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_messages, number, out _);
            if (seen is not null && !bytes.SequenceEqual(seen))
            {
                throw new ViolationException(
                    $"{documentId}: message {number} was {Encoding.UTF8.GetString(seen)}, but {who} sees {Encoding.UTF8.GetString(bytes)}");
            }

            seen ??= bytes.ToArray();
            _lastSeen = Math.Max(_lastSeen, number);
        }
    }

    /// <summary>The server answered what a writer submitted, through an op of its.</summary>
    public void Acknowledge(string writer, long number) => Locked(() =>
        _acknowledged[writer] = Math.Max(number, _acknowledged.GetValueOrDefault(writer)));

    /// <summary>A client was given an id.</summary>
    public void Connected(string clientId, ClientIdentity client) => Locked(() => _clients[clientId] = client);

    /// <summary>Who has an id; null when nobody has been told.</summary>
    public ClientIdentity? ClientOf(string clientId) => Locked(() => _clients.GetValueOrDefault(clientId));

    public void Uploaded(UploadedSummary summary) => Locked(() => _uploads[summary.Handle] = summary);

    public UploadedSummary? FindUpload(string handle) => Locked(() => _uploads.GetValueOrDefault(handle));

    public void UploadedBlob(string id, byte[] content) => Locked(() =>
    {
        _blobs.Enqueue((id, content));
        while (_blobs.Count > BlobsToCheck)
        {
            _blobs.Dequeue();
        }
    });

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void Locked(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }
}
