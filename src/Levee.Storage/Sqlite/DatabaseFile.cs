namespace Levee.Storage.Sqlite;

/// <summary>
/// Looks at the files before SQLite does. To SQLite a missing or empty file is a new database, whose leftover log it deletes, and a log
/// that it can not read is an empty one: each would lose what was acknowledged without a word. A new database is made only where nothing
/// says that there was one.
/// </summary>
internal static class DatabaseFile
{
    // No database is shorter than its smallest page; SQLite takes a file of one byte for an empty database and would overwrite it.
    private const int SmallestDatabase = 512;

    /// <summary>Throws, having changed nothing, when opening would lose something.</summary>
    public static void Check(SqliteOptions options)
    {
        var path = Path.GetFullPath(options.Path);
        var directory = Path.GetDirectoryName(path)!;
        if (Directory.Exists(Path.Combine(directory, DataLayout.PartialRestore)))
        {
            throw Damaged("A restore into this directory was cut short. Run it again.");
        }

        var file = new FileInfo(path);
        if (file is { Exists: true, Length: > 0 and < SmallestDatabase })
        {
            throw Damaged("The file is not a SQLite database.");
        }

        if (!file.Exists || file.Length == 0)
        {
            RefuseRemains(file.Exists ? "empty" : "missing", path, directory);
            return;
        }

        if (WalFile.Inspect(path + WalFile.Suffix, areCommitsSynced: options.Synchronous == SqliteSynchronous.Full) is { } damage)
        {
            throw Damaged(
                $"Its write-ahead log, {Path.GetFileName(path)}{WalFile.Suffix}, is damaged ({damage}): messages that were acknowledged are lost"
                + " with it. Restore a backup, or move that file away to go on without them.");
        }
    }

    private static void RefuseRemains(string state, string path, string directory)
    {
        if (new FileInfo(path + WalFile.Suffix) is { Exists: true, Length: > 0 })
        {
            throw Damaged($"The file is {state}, but its write-ahead log is there. Put the file back, or restore a backup.");
        }

        var keys = Path.Combine(directory, DataLayout.Keys);
        if (Directory.Exists(keys) && Directory.EnumerateFileSystemEntries(keys).Any())
        {
            throw Damaged(
                $"The file is {state}, but the keys of an earlier database are there ({DataLayout.Keys}). Put the file back, or restore a"
                + $" backup. To start anew, move {DataLayout.Keys} away.");
        }
    }

    private static StorageException Damaged(string message) => new(message, fault: StorageFault.Damaged);
}
