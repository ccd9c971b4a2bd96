using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>Writes to the revocations, inside the transaction of a group.</summary>
internal sealed class RevocationWrites(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _save = new(connection, """
        INSERT INTO revocations (tenant, kind, subject, id, revoked_at, expires_at, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (tenant, kind, subject) DO UPDATE
        SET id = excluded.id, revoked_at = excluded.revoked_at, expires_at = excluded.expires_at, reason = excluded.reason
        """);

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM revocations WHERE tenant = ?1 AND kind = ?2 AND subject = ?3");

    private readonly SqliteStatement _deleteExpired = new(connection, "DELETE FROM revocations WHERE expires_at <= ?1");

    public void Save(StoredRevocation revocation)
    {
        _save.Bind(1, revocation.TenantId)
            .Bind(2, (long)revocation.Kind)
            .Bind(3, revocation.Subject)
            .Bind(4, revocation.Id)
            .Bind(5, revocation.RevokedAt.ToUnixTimeMilliseconds());
        if (revocation.ExpiresAt is { } expires)
        {
            _save.Bind(6, expires.ToUnixTimeMilliseconds());
        }
        else
        {
            _save.BindNull(6);
        }

        if (revocation.Reason is { } reason)
        {
            _save.Bind(7, reason);
        }
        else
        {
            _save.BindNull(7);
        }

        _save.Execute();
    }

    public bool Delete(string tenantId, RevocationKind kind, string subject) =>
        _delete.Bind(1, tenantId).Bind(2, (long)kind).Bind(3, subject).Execute() == 1;

    public int DeleteExpired(DateTimeOffset moment) => _deleteExpired.Bind(1, moment.ToUnixTimeMilliseconds()).Execute();

    public void Dispose()
    {
        _save.Dispose();
        _delete.Dispose();
        _deleteExpired.Dispose();
    }
}
