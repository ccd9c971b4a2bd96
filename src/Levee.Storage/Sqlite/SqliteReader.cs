using Levee.Protocol;
using Levee.Protocol.Git;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>A read connection with its prepared statements. Used by one caller at a time; it sees what was committed before each query.</summary>
internal sealed class SqliteReader(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _document = new(connection, """
        SELECT d.created_at, d.initial_sn, i.state, d.last_sn
        FROM documents d JOIN initial_states i ON i.document_id = d.id WHERE d.tenant = ?1 AND d.document = ?2
        """);

    private readonly SqliteStatement _numbers = new(connection,
        "SELECT id, initial_sn, last_sn FROM documents WHERE tenant = ?1 AND document = ?2");

    private readonly SqliteStatement _ops = new(connection,
        "SELECT sn, json FROM ops WHERE document_id = ?1 AND sn > ?2 AND sn <= ?3 ORDER BY sn LIMIT ?4");

    private readonly SqliteStatement _checkpoint = new(connection, """
        SELECT c.sn, c.state FROM documents d JOIN checkpoints c ON c.document_id = d.id WHERE d.tenant = ?1 AND d.document = ?2
        """);

    private readonly SqliteStatement _object = new(connection, "SELECT kind, content FROM objects WHERE tenant = ?1 AND sha = ?2");

    private readonly SqliteStatement _objectKind = new(connection, "SELECT kind FROM objects WHERE tenant = ?1 AND sha = ?2");

    private readonly SqliteStatement _ref = new(connection, "SELECT sha FROM refs WHERE tenant = ?1 AND name = ?2");

    private readonly SqliteStatement _refs = new(connection, """
        SELECT name, sha FROM refs r
        WHERE tenant = ?1 AND (name = ?2 OR substr(name, 1, 11) <> 'refs/heads/'
            OR NOT EXISTS (SELECT 1 FROM documents d WHERE d.tenant = ?1 AND d.document = substr(r.name, 12)))
        LIMIT ?3
        """);

    private readonly SqliteStatement _tenants = new(connection, "SELECT id, name, secret1, secret2 FROM tenants");

    private readonly SqliteStatement _revocations = new(connection,
        "SELECT tenant, kind, subject, id, revoked_at, expires_at, reason FROM revocations");

    private readonly DeltaBatchBuilder _builder = new();

    public DocumentRecord? FindDocument(DocumentKey key)
    {
        using var rows = _document.Bind(1, key.TenantId).Bind(2, key.DocumentId).Query();
        return rows.Step()
            ? new DocumentRecord(
                key, DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64(0)), rows.Int64(1), rows.Bytes(2).ToArray(), rows.Int64(3))
            : null;
    }

    public DeltaBatch ReadDeltas(DocumentKey key, long after, long through, int maxCount, int maxBytes)
    {
        if (FindNumbers(key) is not var (id, initial, last))
        {
            return Empty(after);
        }

        // Later rows than the catalog's last number cannot be seen: the two change in one transaction, and this was read first.
        var start = Math.Max(after, initial);
        through = Math.Min(through, last);
        return start >= through ? Empty(after) : ReadOps(key, id, start, through, maxCount, maxBytes);
    }

    public Checkpoint? ReadCheckpoint(DocumentKey key)
    {
        using var rows = _checkpoint.Bind(1, key.TenantId).Bind(2, key.DocumentId).Query();
        return rows.Step() ? new Checkpoint(rows.Int64(0), rows.Bytes(1).ToArray()) : null;
    }

    public GitObject? FindObject(string tenantId, ObjectId id)
    {
        Span<byte> bytes = stackalloc byte[ObjectId.Length];
        id.CopyTo(bytes);
        using var rows = _object.Bind(1, tenantId).Bind(2, bytes).Query();
        return rows.Step() ? GitObject.Stored(id, (GitObjectKind)rows.Int64(0), rows.Bytes(1).ToArray()) : null;
    }

    public GitObjectKind? FindObjectKind(string tenantId, ObjectId id)
    {
        Span<byte> bytes = stackalloc byte[ObjectId.Length];
        id.CopyTo(bytes);
        using var rows = _objectKind.Bind(1, tenantId).Bind(2, bytes).Query();
        return rows.Step() ? (GitObjectKind)rows.Int64(0) : null;
    }

    public ObjectId? FindRef(string tenantId, string name)
    {
        using var rows = _ref.Bind(1, tenantId).Bind(2, name).Query();
        return rows.Step() ? new ObjectId(rows.Bytes(0)) : null;
    }

    public IReadOnlyList<GitRef>? ListRefs(string tenantId, string documentId, int maxCount)
    {
        var refs = new List<GitRef>();
        using var rows = _refs.Bind(1, tenantId).Bind(2, GitRef.OfDocument(documentId)).Bind(3, maxCount + 1L).Query();
        while (rows.Step())
        {
            if (refs.Count == maxCount)
            {
                return null;
            }

            refs.Add(new GitRef(rows.Text(0), new ObjectId(rows.Bytes(1))));
        }

        refs.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return refs;
    }

    public IReadOnlyList<StoredTenant> ListTenants()
    {
        var tenants = new List<StoredTenant>();
        using var rows = _tenants.Query();
        while (rows.Step())
        {
            tenants.Add(new StoredTenant(rows.Text(0), rows.Text(1), rows.Bytes(2).ToArray(), rows.Bytes(3).ToArray()));
        }

        tenants.Sort(static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        return tenants;
    }

    public IReadOnlyList<StoredRevocation> ListRevocations()
    {
        var revocations = new List<StoredRevocation>();
        using var rows = _revocations.Query();
        while (rows.Step())
        {
            revocations.Add(new StoredRevocation(
                rows.Text(0),
                (RevocationKind)rows.Int64(1),
                rows.Text(2),
                rows.Text(3),
                DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64(4)),
                rows.IsNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(rows.Int64(5)),
                rows.IsNull(6) ? null : rows.Text(6)));
        }

        return revocations;
    }

    public void Dispose()
    {
        _document.Dispose();
        _numbers.Dispose();
        _ops.Dispose();
        _checkpoint.Dispose();
        _object.Dispose();
        _objectKind.Dispose();
        _ref.Dispose();
        _refs.Dispose();
        _tenants.Dispose();
        _revocations.Dispose();
        connection.Dispose();
    }

    private static DeltaBatch Empty(long after) => new(after == long.MaxValue ? after : after + 1, ReadOnlyMemory<byte>.Empty, []);

    private (long Id, long Initial, long Last)? FindNumbers(DocumentKey key)
    {
        using var rows = _numbers.Bind(1, key.TenantId).Bind(2, key.DocumentId).Query();
        return rows.Step() ? (rows.Int64(0), rows.Int64(1), rows.Int64(2)) : null;
    }

    private DeltaBatch ReadOps(DocumentKey key, long id, long after, long through, int maxCount, int maxBytes)
    {
        var next = after + 1;
        var last = Math.Min(through, after + Math.Min(maxCount, through - after));
        try
        {
            using var rows = _ops.Bind(1, id).Bind(2, after).Bind(3, last).Bind(4, maxCount).Query();
            while (rows.Step())
            {
                if (rows.Int64(0) != next)
                {
                    throw Hole(key, next);
                }

                var json = rows.Bytes(1);
                if (_builder.Count > 0 && _builder.Bytes + json.Length > maxBytes)
                {
                    return _builder.Build();
                }

                _builder.AddEncoded(next++, json);
            }

            return next > last ? _builder.Build() : throw Hole(key, next);
        }
        catch
        {
            // The builder is reused: what was read before the failure must not appear in the next batch.
            _builder.Build();
            throw;
        }
    }

    private static StorageException Hole(DocumentKey key, long sequenceNumber) =>
        new($"The log of document {key} is damaged: message {sequenceNumber} is missing.", fault: StorageFault.Damaged);
}
