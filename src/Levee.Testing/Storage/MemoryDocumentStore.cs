using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Testing.Storage;

/// <summary>
/// A document store in memory, plain enough to be right by reading it: the model that other stores are compared with, and a store
/// for tests that want to stall or fail it. Keeps nothing when it is disposed.
/// </summary>
public sealed class MemoryDocumentStore : IDocumentStore, ITenantStore, IRevocationStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<DocumentKey, Document> _documents = [];
    private readonly Dictionary<(string Tenant, ObjectId Id), GitObject> _objects = [];
    private readonly Dictionary<(string Tenant, string Name), ObjectId> _refs = [];
    private readonly Dictionary<string, StoredTenant> _tenants = [];
    private readonly Dictionary<(string Tenant, RevocationKind Kind, string Subject), StoredRevocation> _revocations = [];

    /// <summary>
    /// Runs before each append, outside the lock. Await something in it to stall the append; throw to fail it, with nothing kept.
    /// </summary>
    public Func<AppendRequest, ValueTask>? BeforeAppend { get; set; }

    /// <summary>How many appends have been kept.</summary>
    public int Appends { get; private set; }

    /// <summary>How many objects have been asked for with their content.</summary>
    public int ObjectReads { get; private set; }

    /// <inheritdoc/>
    public ValueTask<bool> CreateDocumentAsync(NewDocument document, CancellationToken cancellationToken)
    {
        return Locked(cancellationToken, () =>
        {
            if (_documents.ContainsKey(document.Key))
            {
                return false;
            }

            _documents[document.Key] = new Document(document);
            Put(document.Key.TenantId, document.Objects);
            var head = (document.Key.TenantId, GitRef.OfDocument(document.Key.DocumentId));
            _refs.Remove(head);
            if (document.Head is { } target)
            {
                _refs[head] = target;
            }

            return true;
        });
    }

    /// <inheritdoc/>
    public ValueTask<DocumentRecord?> FindDocumentAsync(DocumentKey key, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _documents.GetValueOrDefault(key)?.Record);

    /// <inheritdoc/>
    public async ValueTask<AppendOutcome> AppendAsync(AppendRequest request, CancellationToken cancellationToken)
    {
        if (request.Checkpoint is { } checkpoint && checkpoint.SequenceNumber > request.Deltas.LastSequenceNumber)
        {
            throw new ArgumentException("The checkpoint must not be beyond the batch.", nameof(request));
        }

        if (BeforeAppend is { } hook)
        {
            await hook(request);
        }

        return await Locked(cancellationToken, () => Append(request));
    }

    /// <inheritdoc/>
    public ValueTask<DeltaBatch> ReadDeltasAsync(
        DocumentKey key, long after, long through, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        return Locked(cancellationToken, () => ReadDeltas(key, after, through, maxCount, maxBytes));
    }

    /// <inheritdoc/>
    public ValueTask<Checkpoint?> ReadCheckpointAsync(DocumentKey key, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _documents.GetValueOrDefault(key)?.Checkpoint);

    /// <inheritdoc/>
    public ValueTask<bool> WriteCheckpointAsync(DocumentKey key, Checkpoint checkpoint, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _documents.TryGetValue(key, out var document)
            && checkpoint.SequenceNumber <= document.LastSequenceNumber
            && document.Keep(checkpoint));

    /// <inheritdoc/>
    public async ValueTask PutObjectsAsync(string tenantId, IReadOnlyCollection<GitObject> objects, CancellationToken cancellationToken) =>
        await Locked(cancellationToken, () => Put(tenantId, objects));

    /// <inheritdoc/>
    public ValueTask<GitObject?> FindObjectAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () =>
        {
            ObjectReads++;
            return _objects.GetValueOrDefault((tenantId, id));
        });

    /// <inheritdoc/>
    public ValueTask<GitObjectKind?> FindObjectKindAsync(string tenantId, ObjectId id, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _objects.GetValueOrDefault((tenantId, id))?.Kind);

    /// <inheritdoc/>
    public ValueTask<ObjectId?> FindRefAsync(string tenantId, string name, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => FindRef(tenantId, name));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<GitRef>?> ListRefsAsync(
        string tenantId, string documentId, int maxCount, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxCount);
        return Locked<IReadOnlyList<GitRef>?>(cancellationToken, () =>
        {
            var refs = _refs.Where(entry => entry.Key.Tenant == tenantId
                    && (entry.Key.Name == GitRef.OfDocument(documentId) || !IsHead(tenantId, entry.Key.Name)))
                .Select(entry => new GitRef(entry.Key.Name, entry.Value))
                .OrderBy(entry => entry.Name, StringComparer.Ordinal)
                .ToArray();
            return refs.Length <= maxCount ? refs : null;
        });
    }

    /// <inheritdoc/>
    public ValueTask<bool> UpdateRefAsync(
        string tenantId, string name, ObjectId? expected, ObjectId target, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () =>
        {
            if (IsHead(tenantId, name) || FindRef(tenantId, name) != expected)
            {
                return false;
            }

            _refs[(tenantId, name)] = target;
            return true;
        });

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredTenant>> ListTenantsAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<StoredTenant>>(
            cancellationToken, () => [.. _tenants.Values.OrderBy(tenant => tenant.Id, StringComparer.Ordinal)]);

    /// <inheritdoc/>
    public async ValueTask SaveTenantAsync(StoredTenant tenant, CancellationToken cancellationToken) =>
        await Locked(cancellationToken, () => _tenants[tenant.Id] = tenant);

    /// <inheritdoc/>
    public ValueTask<bool> DeleteTenantAsync(string tenantId, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _tenants.Remove(tenantId));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredRevocation>> ListRevocationsAsync(CancellationToken cancellationToken) =>
        Locked<IReadOnlyList<StoredRevocation>>(cancellationToken, () => [.. _revocations.Values]);

    /// <inheritdoc/>
    public async ValueTask SaveRevocationAsync(StoredRevocation revocation, CancellationToken cancellationToken) =>
        await Locked(cancellationToken, () => _revocations[(revocation.TenantId, revocation.Kind, revocation.Subject)] = revocation);

    /// <inheritdoc/>
    public ValueTask<bool> DeleteRevocationAsync(
        string tenantId, RevocationKind kind, string subject, CancellationToken cancellationToken) =>
        Locked(cancellationToken, () => _revocations.Remove((tenantId, kind, subject)));

    /// <inheritdoc/>
    public async ValueTask DeleteExpiredRevocationsAsync(DateTimeOffset moment, CancellationToken cancellationToken) =>
        await Locked(cancellationToken, () =>
        {
            foreach (var (key, _) in _revocations.Where(entry => entry.Value.ExpiresAt <= moment).ToList())
            {
                _revocations.Remove(key);
            }

            return true;
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private ValueTask<T> Locked<T>(CancellationToken cancellationToken, Func<T> action)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<T>(cancellationToken);
        }

        lock (_lock)
        {
            return ValueTask.FromResult(action());
        }
    }

    private AppendOutcome Append(AppendRequest request)
    {
        if (!_documents.TryGetValue(request.Key, out var document))
        {
            return AppendOutcome.UnknownDocument;
        }

        if (request.Deltas.FirstSequenceNumber != document.LastSequenceNumber + 1)
        {
            return AppendOutcome.Fenced;
        }

        var head = GitRef.OfDocument(request.Key.DocumentId);
        if (request.Head is { } move)
        {
            if (FindRef(request.Key.TenantId, head) != move.Expected)
            {
                return AppendOutcome.HeadMoved;
            }

            _refs[(request.Key.TenantId, head)] = move.Target;
        }

        for (var i = 0; i < request.Deltas.Count; i++)
        {
            // A copy, as a database would make one: what the caller does with its memory afterwards must not matter.
            document.Ops.Add(request.Deltas[i].ToArray());
        }

        if (request.Checkpoint is { } checkpoint)
        {
            document.Keep(checkpoint);
        }

        Appends++;
        return AppendOutcome.Appended;
    }

    private DeltaBatch ReadDeltas(DocumentKey key, long after, long through, int maxCount, int maxBytes)
    {
        var builder = new DeltaBatchBuilder();
        if (_documents.TryGetValue(key, out var document))
        {
            var skipped = Math.Max(after, document.Initial) - document.Initial;
            for (var i = skipped; i < document.Ops.Count && builder.Count < maxCount; i++)
            {
                var (number, json) = (document.Initial + 1 + i, document.Ops[(int)i]);
                if (number > through || (builder.Count > 0 && builder.Bytes + json.Length > maxBytes))
                {
                    break;
                }

                builder.AddEncoded(number, json);
            }
        }

        return builder.Count > 0
            ? builder.Build()
            : new DeltaBatch(after == long.MaxValue ? after : after + 1, ReadOnlyMemory<byte>.Empty, []);
    }

    private bool Put(string tenantId, IReadOnlyCollection<GitObject> objects)
    {
        foreach (var item in objects)
        {
            _objects.TryAdd((tenantId, item.Id), GitObject.Stored(item.Id, item.Kind, item.Content.ToArray()));
        }

        return true;
    }

    private bool IsHead(string tenantId, string name) =>
        GitRef.DocumentOf(name) is { } document && _documents.ContainsKey(new DocumentKey(tenantId, document));

    private ObjectId? FindRef(string tenantId, string name) => _refs.TryGetValue((tenantId, name), out var id) ? id : null;

    private sealed class Document(NewDocument created)
    {
        // Databases keep milliseconds.
        private readonly DateTimeOffset _createdAt = DateTimeOffset.FromUnixTimeMilliseconds(created.CreatedAt.ToUnixTimeMilliseconds());

        private readonly byte[] _initialState = created.InitialState.ToArray();

        public long Initial => created.InitialSequenceNumber;

        public long LastSequenceNumber => Initial + Ops.Count;

        public List<byte[]> Ops { get; } = [];

        public Checkpoint? Checkpoint { get; private set; }

        public DocumentRecord Record => new(created.Key, _createdAt, Initial, _initialState, LastSequenceNumber);

        public bool Keep(Checkpoint checkpoint)
        {
            if (checkpoint.SequenceNumber < Checkpoint?.SequenceNumber)
            {
                return false;
            }

            Checkpoint = checkpoint with { State = checkpoint.State.ToArray() };
            return true;
        }
    }
}
