using Levee.Protocol.Git;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>Writes to git objects and refs, inside the transaction of a group.</summary>
internal sealed class GitWrites(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _put = new(connection, """
        INSERT INTO objects (tenant, sha, kind, content) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (tenant, sha) DO NOTHING
        """);

    private readonly SqliteStatement _findRef = new(connection, "SELECT sha FROM refs WHERE tenant = ?1 AND name = ?2");

    private readonly SqliteStatement _findDocument = new(connection, "SELECT 1 FROM documents WHERE tenant = ?1 AND document = ?2");

    private readonly SqliteStatement _setRef = new(connection, """
        INSERT INTO refs (tenant, name, sha) VALUES (?1, ?2, ?3)
        ON CONFLICT (tenant, name) DO UPDATE SET sha = excluded.sha
        """);

    private readonly SqliteStatement _removeRef = new(connection, "DELETE FROM refs WHERE tenant = ?1 AND name = ?2");

    public void Put(string tenantId, IReadOnlyCollection<GitObject> objects)
    {
        Span<byte> id = stackalloc byte[ObjectId.Length];
        foreach (var item in objects)
        {
            item.Id.CopyTo(id);
            _put.Bind(1, tenantId).Bind(2, id).Bind(3, (long)item.Kind).Bind(4, item.Content.Span).Execute();
        }

        _put.ClearBindings();
    }

    public ObjectId? FindRef(string tenantId, string name)
    {
        using var rows = _findRef.Bind(1, tenantId).Bind(2, name).Query();
        return rows.Step() ? new ObjectId(rows.Bytes(0)) : null;
    }

    /// <summary>Points a ref at a target, or removes it when that is null.</summary>
    public void SetRef(string tenantId, string name, ObjectId? target)
    {
        if (target is not { } id)
        {
            _removeRef.Bind(1, tenantId).Bind(2, name).Execute();
            return;
        }

        Span<byte> bytes = stackalloc byte[ObjectId.Length];
        id.CopyTo(bytes);
        _setRef.Bind(1, tenantId).Bind(2, name).Bind(3, bytes).Execute();
    }

    public bool UpdateRef(string tenantId, string name, ObjectId? expected, ObjectId target)
    {
        if (IsHead(tenantId, name) || FindRef(tenantId, name) != expected)
        {
            return false;
        }

        SetRef(tenantId, name, target);
        return true;
    }

    public void Dispose()
    {
        _put.Dispose();
        _findRef.Dispose();
        _findDocument.Dispose();
        _setRef.Dispose();
        _removeRef.Dispose();
    }

    // Asked under the write lock, so that no document is created between the answer and the change.
    private bool IsHead(string tenantId, string name)
    {
        if (GitRef.DocumentOf(name) is not { } document)
        {
            return false;
        }

        using var rows = _findDocument.Bind(1, tenantId).Bind(2, document).Query();
        return rows.Step();
    }
}
