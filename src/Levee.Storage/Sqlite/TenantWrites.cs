using Microsoft.Data.Sqlite;

namespace Levee.Storage.Sqlite;

/// <summary>Writes to the tenants, inside the transaction of a group.</summary>
internal sealed class TenantWrites(SqliteConnection connection) : IDisposable
{
    private readonly SqliteStatement _save = new(connection, """
        INSERT INTO tenants (id, name, secret1, secret2) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, secret1 = excluded.secret1, secret2 = excluded.secret2
        """);

    private readonly SqliteStatement _delete = new(connection, "DELETE FROM tenants WHERE id = ?1");

    public void Save(StoredTenant tenant) =>
        _save.Bind(1, tenant.Id).Bind(2, tenant.Name).Bind(3, tenant.ProtectedSecret1.Span).Bind(4, tenant.ProtectedSecret2.Span).Execute();

    public bool Delete(string tenantId) => _delete.Bind(1, tenantId).Execute() == 1;

    public void Dispose()
    {
        _save.Dispose();
        _delete.Dispose();
    }
}
