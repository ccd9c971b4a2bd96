using Microsoft.Data.Sqlite;
using SQLitePCL;
using static SQLitePCL.raw;

namespace Levee.Storage.Sqlite;

/// <summary>What SQLite's error codes mean to us.</summary>
internal static class SqliteErrors
{
    /// <summary>The failure that the connection has just reported.</summary>
    public static SqliteException Of(sqlite3 connection, int code) =>
        new($"SQLite error {code}: {sqlite3_errmsg(connection).utf8_to_string()}", code & 0xff, sqlite3_extended_errcode(connection));

    /// <summary>True when the cause is the disk or the file as a whole, so that trying one request alone would fail as well.</summary>
    public static bool IsOfTheDisk(Exception failure) =>
        failure is SqliteException
        {
            SqliteErrorCode: SQLITE_FULL or SQLITE_IOERR or SQLITE_BUSY or SQLITE_READONLY or SQLITE_CANTOPEN or SQLITE_NOTADB or SQLITE_PERM
        };

    /// <summary>Says in words what failed and what to do.</summary>
    public static StorageException Explain(string what, Exception failure) => failure switch
    {
        StorageException known => known,
        SqliteException { SqliteErrorCode: SQLITE_FULL } => new($"{what}: the disk is full. Make room; the store goes on by itself.", failure),
        SqliteException { SqliteErrorCode: SQLITE_IOERR } => new($"{what}: the disk reported an error ({failure.Message}).", failure),
        SqliteException { SqliteErrorCode: SQLITE_BUSY } => new($"{what}: another process holds the file's write lock.", failure),
        SqliteException { SqliteErrorCode: SQLITE_READONLY } => new($"{what}: the file or its directory is read-only.", failure),
        SqliteException { SqliteErrorCode: SQLITE_CANTOPEN or SQLITE_PERM } => new($"{what}: the file cannot be opened.", failure),
        SqliteException { SqliteErrorCode: SQLITE_NOTADB } => new($"{what}: the file is not a SQLite database.", failure),
        SqliteException { SqliteErrorCode: SQLITE_CORRUPT } => new($"{what}: the file is damaged ({failure.Message}).", failure),
        _ => new($"{what}: {failure.Message}", failure),
    };
}
