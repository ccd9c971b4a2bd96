using Levee.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Levee.Storage.Tests.Sqlite;

/// <summary>A database file in a directory of its own, removed with it.</summary>
internal sealed class TemporaryDatabase : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("levee-storage-");

    public string Path => System.IO.Path.Combine(_directory.FullName, SqliteOptions.FileName);

    // Tests are not about power cuts; each says so where it is.
    public SqliteOptions Options => new() { Path = Path, Synchronous = SqliteSynchronous.Off };

    public SqliteDocumentStore Open() => SqliteDocumentStore.Open(Options);

    /// <summary>A connection beside the store, as another program might have.</summary>
    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=false");
        connection.Open();
        return connection;
    }

    /// <summary>Runs SQL beside the store.</summary>
    public void Execute(string sql)
    {
        using var connection = Connect();
        Execute(connection, sql);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public long Read(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
