using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Levee.Storage.Sqlite;

/// <summary>Opens connections with the settings that each kind needs.</summary>
internal static class SqliteConnections
{
    /// <summary>The connection that writes; the file need not exist. Durability settings come with <see cref="MakeDurable"/>.</summary>
    public static SqliteConnection OpenForWriting(SqliteOptions options) =>
        Open(options, SqliteOpenMode.ReadWriteCreate, options.WriteCacheKiB);

    /// <summary>A connection that cannot write, to a file that exists and is in WAL mode.</summary>
    public static SqliteConnection OpenForReading(SqliteOptions options) =>
        Open(options, SqliteOpenMode.ReadOnly, options.ReadCacheKiB);

    /// <summary>Switches to write-ahead logging at the chosen level of durability. Changes the file: check first that it is ours.</summary>
    public static void MakeDurable(SqliteConnection connection, SqliteOptions options)
    {
        // Read-only is said by no pragma: SQLite opens such a file without a word and fails at the first write.
        if (sqlite3_db_readonly(connection.Handle!, "main") != 0)
        {
            throw new SqliteException("The file is read-only.", SQLITE_READONLY);
        }

        using (var mode = new SqliteStatement(connection, "PRAGMA journal_mode = WAL"))
        using (var rows = mode.Query())
        {
            if (!rows.Step() || rows.Text(0) != "wal")
            {
                throw new StorageException("The file system does not support SQLite's write-ahead log; use a local disk.");
            }
        }

        // A commit in WAL mode syncs the log at FULL only; NORMAL syncs at checkpoints. The two fullfsync settings matter on macOS,
        // where a plain fsync leaves the data in the drive's cache. 4000 pages are 16 MB between checkpoints, a quarter of the
        // default's syncs; the size limit gives the space of an unusual burst back.
        Execute(connection, $"""
            PRAGMA synchronous = {options.Synchronous};
            PRAGMA fullfsync = {(options.Synchronous == SqliteSynchronous.Full ? 1 : 0)};
            PRAGMA checkpoint_fullfsync = {(options.Synchronous == SqliteSynchronous.Off ? 0 : 1)};
            PRAGMA wal_autocheckpoint = 4000;
            PRAGMA journal_size_limit = {64 << 20};
            """);
    }

    /// <summary>Runs statements that are not worth preparing, in order, and drops their rows.</summary>
    public static void Execute(SqliteConnection connection, string sql)
    {
        var code = sqlite3_exec(connection.Handle!, sql);
        if (code != SQLITE_OK)
        {
            throw SqliteErrors.Of(connection.Handle!, code);
        }
    }

    /// <summary>Reads one number.</summary>
    public static long ReadInt64(SqliteConnection connection, string sql)
    {
        using var statement = new SqliteStatement(connection, sql);
        using var rows = statement.Query();
        return rows.Step() ? rows.Int64(0) : throw new StorageException($"SQLite gave no answer to: {sql}");
    }

    private static SqliteConnection Open(SqliteOptions options, SqliteOpenMode mode, int cacheKiB)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            // Absolute, so that no name has a meaning of its own (":memory:", "file:...").
            DataSource = Path.GetFullPath(options.Path),
            Mode = mode,
            // The store holds its connections itself, and closing one must close the file.
            Pooling = false,
        }.ToString());
        try
        {
            connection.Open();
            sqlite3_busy_timeout(connection.Handle!, (int)options.BusyTimeout.TotalMilliseconds);
            Execute(connection, $"PRAGMA cache_size = -{cacheKiB}; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
