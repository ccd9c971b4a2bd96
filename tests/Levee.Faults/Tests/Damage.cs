using Microsoft.Data.Sqlite;

namespace Levee.Faults.Tests;

/// <summary>What can be done to the files of a server that is dead, to see that a run finds it.</summary>
internal static class Damage
{
    /// <summary>All that was committed since the last checkpoint of the write-ahead log is gone: a disk that did not keep what it was told to keep.</summary>
    public static void LoseWrites(string dataDirectory)
    {
        foreach (var suffix in new[] { "-wal", "-shm" })
        {
            File.Delete(Path.Combine(dataDirectory, $"levee.db{suffix}"));
        }
    }

    /// <summary>The last messages differ by a space, which means nothing in JSON.</summary>
    public static void ChangeBytes(string dataDirectory) => Execute(
        dataDirectory,
        """
        UPDATE ops SET json = CAST(replace(CAST(json AS TEXT), '"type":', '"type": ') AS BLOB) WHERE sn > (SELECT max(sn) - 10 FROM ops)
        """);

    /// <summary>The uploaded blobs are gone, and nothing else.</summary>
    public static void LoseBlobs(string dataDirectory) => Execute(dataDirectory, "DELETE FROM objects WHERE kind = 3");

    /// <summary>The head is the first version again.</summary>
    public static void MoveHeadBack(string dataDirectory) => Execute(
        dataDirectory, "UPDATE refs SET sha = (SELECT sha FROM objects WHERE kind = 1 ORDER BY rowid LIMIT 1)");

    /// <summary>The checkpoints are gone, which costs time and nothing else: the log has all that they have.</summary>
    public static void LoseCheckpoints(string dataDirectory) => Execute(dataDirectory, "DELETE FROM checkpoints");

    private static void Execute(string dataDirectory, string sql)
    {
        using var database = new SqliteConnection($"Data Source={Path.Combine(dataDirectory, "levee.db")};Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
