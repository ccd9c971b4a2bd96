using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Levee.Storage.Sqlite;

/// <summary>
/// Copies a database, also while a server writes to it, into one plain file, and checks the copy. The pages are copied under one read
/// snapshot, so that what the server commits meanwhile neither waits for the copy nor makes it begin anew; only the write-ahead log
/// can not be reused until the copy is done, and grows by what is written.
/// </summary>
internal static class DatabaseCopy
{
    private const int PagesPerStep = 1024;

    /// <summary>Copies the database to a file that does not exist yet.</summary>
    /// <returns>How many documents and tenants the copy has.</returns>
    /// <exception cref="StorageException">It is not our database, or damaged, or can not be read or written.</exception>
    public static (long Documents, long Tenants) Make(
        string source, string target, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            using (var from = SqliteConnections.OpenForReading(new SqliteOptions { Path = source }))
            {
                SqliteConnections.Execute(from, "BEGIN");
                // The first read of a transaction takes the snapshot.
                SchemaMigrator.Recognize(from);
                CopyPages(from, target, progress, cancellationToken);
            }

            return Verify(target, progress, cancellationToken);
        }
        catch (SqliteException failure)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw SqliteErrors.Explain($"{source} can not be copied", failure);
        }
    }

    private static void CopyPages(
        SqliteConnection from, string target, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var pageSize = SqliteConnections.ReadInt64(from, "PRAGMA page_size");
        using var to = SqliteConnections.OpenForWriting(new SqliteOptions { Path = target });
        using var backup = sqlite3_backup_init(to.Handle!, "main", from.Handle!, "main");
        if (backup is null || backup.IsInvalid)
        {
            throw SqliteErrors.Of(to.Handle!, sqlite3_errcode(to.Handle!));
        }

        int code;
        while ((code = sqlite3_backup_step(backup, PagesPerStep)) == SQLITE_OK)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var total = sqlite3_backup_pagecount(backup) * pageSize;
            progress?.Report(new BackupProgress(BackupStage.Copying, total - sqlite3_backup_remaining(backup) * pageSize, total));
        }

        if (code != SQLITE_DONE)
        {
            throw SqliteErrors.Of(to.Handle!, code);
        }
    }

    /// <summary>Reads every page of the copy. A damaged database must not pass for a backup.</summary>
    private static (long Documents, long Tenants) Verify(string target, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new BackupProgress(BackupStage.Verifying, 0, 0));
        using var copy = SqliteConnections.OpenForWriting(new SqliteOptions { Path = target });
        using var interrupt = cancellationToken.UnsafeRegister(static handle => sqlite3_interrupt((SQLitePCL.sqlite3)handle!), copy.Handle);
        // The log's files are a running server's: a copy is one file, which needs to be writable to nobody.
        SqliteConnections.Execute(copy, "PRAGMA journal_mode = DELETE");
        // An interrupt stops only what runs already.
        cancellationToken.ThrowIfCancellationRequested();
        using (var check = new SqliteStatement(copy, "PRAGMA integrity_check(1)"))
        using (var rows = check.Query())
        {
            if (!rows.Step() || rows.Text(0) != "ok")
            {
                throw new StorageException($"The database is damaged ({rows.Text(0)}). Restore a backup.", fault: StorageFault.Damaged);
            }
        }

        return SqliteConnections.ReadInt64(copy, "PRAGMA user_version") == 0
            ? throw new StorageException("The database is empty.")
            : (SqliteConnections.ReadInt64(copy, "SELECT count(*) FROM documents"), SqliteConnections.ReadInt64(copy, "SELECT count(*) FROM tenants"));
    }
}
