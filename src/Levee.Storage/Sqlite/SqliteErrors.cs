using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Levee.Storage.Sqlite;

/// <summary>What SQLite's error codes mean to us.</summary>
internal static class SqliteErrors
{
    /// <summary>The failure that the connection has just reported.</summary>
    public static SqliteException Of(sqlite3 connection, int code)
    {
        // The extended code says which call of the system failed; some functions return the plain one.
        var extended = sqlite3_extended_errcode(connection);
        return new($"SQLite error {extended}: {sqlite3_errmsg(connection).utf8_to_string()}", code & 0xff, extended);
    }

    /// <summary>True when the cause is the disk or the file as a whole, so that trying one request alone would fail as well.</summary>
    public static bool IsOfTheDisk(Exception failure) =>
        failure is SqliteException { SqliteErrorCode: SQLITE_NOTADB }
        || FaultOf(failure) is StorageFault.Full or StorageFault.Busy or StorageFault.ReadOnly or StorageFault.Unreachable;

    /// <summary>What is wrong.</summary>
    public static StorageFault FaultOf(Exception failure) => failure switch
    {
        StorageException known => known.Fault,
        // The log's index is a file too; a disk without room for it is full, whatever SQLite calls it.
        SqliteException { SqliteErrorCode: SQLITE_FULL } or SqliteException { SqliteExtendedErrorCode: SQLITE_IOERR_SHMSIZE } => StorageFault.Full,
        SqliteException { SqliteErrorCode: SQLITE_BUSY } => StorageFault.Busy,
        SqliteException { SqliteErrorCode: SQLITE_READONLY } => StorageFault.ReadOnly,
        SqliteException { SqliteErrorCode: SQLITE_IOERR or SQLITE_CANTOPEN or SQLITE_PERM } => StorageFault.Unreachable,
        SqliteException { SqliteErrorCode: SQLITE_NOTADB or SQLITE_CORRUPT } => StorageFault.Damaged,
        _ => StorageFault.Other,
    };

    /// <summary>Says in words what failed and what to do.</summary>
    public static StorageException Explain(string what, Exception failure) =>
        failure as StorageException ?? new StorageException($"{what}: {Describe(failure)}", failure, FaultOf(failure));

    private static string Describe(Exception failure) => failure switch
    {
        _ when FaultOf(failure) == StorageFault.Full => "the disk is full. Make room.",
        SqliteException { SqliteErrorCode: SQLITE_IOERR } => $"the disk reported an error ({failure.Message}).",
        SqliteException { SqliteErrorCode: SQLITE_BUSY } => "another process holds the file's write lock.",
        SqliteException { SqliteErrorCode: SQLITE_READONLY } => "the file or its directory is read-only.",
        SqliteException { SqliteErrorCode: SQLITE_CANTOPEN or SQLITE_PERM } => "the file cannot be opened.",
        SqliteException { SqliteErrorCode: SQLITE_NOTADB } => "the file is not a SQLite database.",
        SqliteException { SqliteErrorCode: SQLITE_CORRUPT } => $"the file is damaged ({failure.Message}). Restore a backup.",
        _ => failure.Message,
    };
}
