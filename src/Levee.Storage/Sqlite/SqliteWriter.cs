using System.Globalization;
using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Levee.Storage.Sqlite;

/// <summary>The one connection that writes, with its prepared statements. Used by the writer thread only.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private int _changesBefore;
    private bool _isProbe;

    public SqliteWriter(SqliteConnection connection)
    {
        _connection = connection;
        // IMMEDIATE takes the write lock before anything is read: what a write checks stays true until it commits, whoever else has the file.
        _begin = new SqliteStatement(connection, "BEGIN IMMEDIATE");
        _commit = new SqliteStatement(connection, "COMMIT");
        Git = new GitWrites(connection);
        Documents = new DocumentWrites(connection, Git);
        Tenants = new TenantWrites(connection);
        Revocations = new RevocationWrites(connection);
    }

    public DocumentWrites Documents { get; }

    public GitWrites Git { get; }

    public TenantWrites Tenants { get; }

    public RevocationWrites Revocations { get; }

    /// <summary>True when the transaction has changed something, so that its commit says that the disk takes writes.</summary>
    public bool HasWritten => _isProbe || sqlite3_total_changes(_connection.Handle!) != _changesBefore;

    public void Begin()
    {
        _isProbe = false;
        _changesBefore = sqlite3_total_changes(_connection.Handle!);
        _begin.Execute();
    }

    public void Commit() => _commit.Execute();

    /// <summary>Ends the transaction if it is still open: some failures have rolled it back already.</summary>
    public void RollBack()
    {
        if (sqlite3_get_autocommit(_connection.Handle!) == 0)
        {
            SqliteConnections.Execute(_connection, "ROLLBACK");
        }
    }

    /// <summary>Folds the write-ahead log into the file and empties it, as far as other processes' readers allow.</summary>
    public void FoldLog() => SqliteConnections.Execute(_connection, "PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>
    /// Writes a page inside the transaction, without a change to it. The schema's version is written as it was read under the write
    /// lock, so that not even a newer server on the same file could be set back by it.
    /// </summary>
    public void Probe()
    {
        _isProbe = true;
        var version = SqliteConnections.ReadInt64(_connection, "PRAGMA user_version");
        SqliteConnections.Execute(_connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version}"));
    }

    /// <summary>Lets the file grow to this many pages and no further.</summary>
    public bool LimitPages(long pages) => SqliteConnections.ReadInt64(_connection, $"PRAGMA max_page_count = {pages}") == pages;

    public void Dispose()
    {
        _begin.Dispose();
        _commit.Dispose();
        Documents.Dispose();
        Git.Dispose();
        Tenants.Dispose();
        Revocations.Dispose();
        _connection.Dispose();
    }
}
