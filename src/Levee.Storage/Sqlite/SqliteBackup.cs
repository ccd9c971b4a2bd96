using System.Formats.Tar;

namespace Levee.Storage.Sqlite;

/// <summary>
/// Backs up a data directory, also that of a running server, and makes a data directory of a backup: the database, and the keys without which the
/// tenants' secrets in it can not be read. A backup is a directory, or one <c>.tar</c> file of the same, with everything in the clear for who may read it.
/// It appears under its name when it is whole and checked, and not before.
/// </summary>
public static class SqliteBackup
{
    private const UnixFileMode OwnersDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OwnersFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const string Archive = ".tar";

    /// <summary>Makes a backup.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="target">
    /// A name that does not exist yet, ending in <c>.tar</c> for one file; or a directory that exists, in which the backup gets a name of the time.
    /// </param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of it then.</param>
    /// <exception cref="StorageException">It could not be made; the message says why, and nothing is left of it.</exception>
    public static BackupResult Create(
        string dataDirectory, string target, IProgress<BackupProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var data = Path.GetFullPath(dataDirectory);
        var database = RequireDatabase(data);
        RequireWholeLog(data, database);
        var path = NewTarget(Path.TrimEndingDirectorySeparator(Path.GetFullPath(target)), data);
        var staging = $"{path}.partial-{Guid.NewGuid():N}";
        try
        {
            CreateDirectory(staging);
            var result = Fill(database, staging, progress, cancellationToken);
            if (path.EndsWith(Archive, StringComparison.OrdinalIgnoreCase))
            {
                Pack(staging, path, progress);
            }
            else
            {
                Directory.Move(staging, path);
            }

            return result with { Path = path };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The backup {path} can not be written: {e.Message}", e);
        }
        finally
        {
            Remove(staging);
        }
    }

    /// <summary>Makes a data directory of a backup.</summary>
    /// <param name="backup">What <see cref="Create"/> has made, or a copy of a data directory that no server used.</param>
    /// <param name="dataDirectory">A directory that is empty or does not exist.</param>
    /// <param name="progress">Is told how far it is.</param>
    /// <param name="cancellationToken">Gives it up; nothing is left of it then. After a crash a server refuses the directory until the restore was run again.</param>
    /// <exception cref="StorageException">It could not be done; the message says why.</exception>
    public static BackupResult Restore(
        string backup, string dataDirectory, IProgress<BackupProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var data = Path.GetFullPath(dataDirectory);
        var source = Path.GetFullPath(backup);
        if (!Directory.Exists(source) && !File.Exists(source))
        {
            throw new StorageException($"There is no backup {source}.");
        }

        try
        {
            CreateDirectory(data);
            using var held = DirectoryLock.TryTake(data)
                ?? throw new StorageException($"{data} is in use by a running server. Stop it, or restore into another directory.");
            return RestoreInto(data, source, progress, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new StorageException($"{source} can not be restored into {data}: {e.Message}", e);
        }
    }

    private static BackupResult RestoreInto(string data, string source, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var partial = Path.Combine(data, DataLayout.PartialRestore);
        RequireEmpty(data, partial);
        // From here to its end a server that is started refuses the directory.
        CreateDirectory(partial);
        var whole = Path.Combine(partial, "whole");
        BackupResult result;
        try
        {
            if (File.Exists(source))
            {
                source = Unpack(source, Path.Combine(partial, "unpacked"), progress);
            }

            CreateDirectory(whole);
            result = Fill(RequireDatabase(source), whole, progress, cancellationToken);
        }
        catch
        {
            Remove(partial);
            throw;
        }

        // The database last: without it a directory with keys is refused too.
        if (result.Keys > 0)
        {
            Directory.Move(Path.Combine(whole, DataLayout.Keys), Path.Combine(data, DataLayout.Keys));
        }

        File.Move(Path.Combine(whole, SqliteOptions.FileName), Path.Combine(data, SqliteOptions.FileName));
        Directory.Delete(partial, recursive: true);
        return result with { Path = data };
    }

    /// <summary>Copies the database first: the keys that its secrets need are there by then, and keys are never removed.</summary>
    private static BackupResult Fill(string database, string directory, IProgress<BackupProgress>? progress, CancellationToken cancellationToken)
    {
        var copy = Path.Combine(directory, SqliteOptions.FileName);
        var (documents, tenants) = DatabaseCopy.Make(database, copy, progress, cancellationToken);
        Protect(copy);
        var keys = CopyKeys(Path.Combine(Path.GetDirectoryName(database)!, DataLayout.Keys), Path.Combine(directory, DataLayout.Keys));
        return new BackupResult(directory, new FileInfo(copy).Length, documents, tenants, keys);
    }

    private static int CopyKeys(string source, string target)
    {
        if (!Directory.Exists(source))
        {
            return 0;
        }

        CreateDirectory(target);
        var count = 0;
        foreach (var file in Directory.EnumerateFiles(source, "*.xml"))
        {
            var copy = Path.Combine(target, Path.GetFileName(file));
            using (var from = File.OpenRead(file))
            using (var to = new FileStream(copy, FileMode.CreateNew))
            {
                from.CopyTo(to);
                to.Flush(flushToDisk: true);
            }

            Protect(copy);
            count++;
        }

        return count;
    }

    private static void Pack(string staging, string path, IProgress<BackupProgress>? progress)
    {
        progress?.Report(new BackupProgress(BackupStage.Packing, 0, 0));
        var packed = staging + Archive;
        try
        {
            using (var file = new FileStream(packed, FileMode.CreateNew))
            {
                Protect(packed);
                TarFile.CreateFromDirectory(staging, file, includeBaseDirectory: false);
                file.Flush(flushToDisk: true);
            }

            File.Move(packed, path, overwrite: false);
        }
        finally
        {
            File.Delete(packed);
        }
    }

    private static string Unpack(string archive, string directory, IProgress<BackupProgress>? progress)
    {
        progress?.Report(new BackupProgress(BackupStage.Packing, 0, 0));
        CreateDirectory(directory);
        TarFile.ExtractToDirectory(archive, directory, overwriteFiles: false);
        return directory;
    }

    private static string RequireDatabase(string directory)
    {
        var database = Path.Combine(directory, SqliteOptions.FileName);
        return new FileInfo(database) is { Exists: true, Length: > 0 }
            ? database
            : throw new StorageException($"There is no {SqliteOptions.FileName} in {directory}, or it is empty.");
    }

    /// <summary>
    /// Nobody must be writing to a log that is inspected. Where a server runs, it has read the log when it started; the lock is looked for and
    /// not made, for it would be ours and not the server's.
    /// </summary>
    private static void RequireWholeLog(string data, string database)
    {
        if (!File.Exists(Path.Combine(data, DataLayout.Lock)))
        {
            return;
        }

        try
        {
            using var idle = DirectoryLock.TryTake(data);
            if (idle is not null)
            {
                DatabaseFile.Check(new SqliteOptions { Path = database });
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{data} can not be read: {e.Message}", e);
        }
    }

    private static string NewTarget(string target, string data)
    {
        var path = Directory.Exists(target)
            ? Path.Combine(target, $"levee-{DateTime.UtcNow:yyyyMMdd'T'HHmmss'Z'}")
            : target;
        if (Path.Exists(path))
        {
            throw new StorageException($"{path} exists. A backup overwrites nothing: choose another name.");
        }

        var parent = Path.GetDirectoryName(path)!;
        if ((parent + Path.DirectorySeparatorChar).StartsWith(data + Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            throw new StorageException($"{path} is in the data directory, which one day is lost with it. Choose a place outside.");
        }

        return Directory.Exists(parent) ? path : throw new StorageException($"There is no directory {parent} to put the backup into.");
    }

    /// <summary>What a restore that was cut short has left is its own, and goes.</summary>
    private static void RequireEmpty(string data, string partial)
    {
        if (Directory.Exists(partial))
        {
            Directory.Delete(partial, recursive: true);
            var keys = Path.Combine(data, DataLayout.Keys);
            if (Directory.Exists(keys) && !File.Exists(Path.Combine(data, SqliteOptions.FileName)))
            {
                Directory.Delete(keys, recursive: true);
            }
        }

        // A file system of its own has lost+found.
        var found = Directory.EnumerateFileSystemEntries(data)
            .Select(Path.GetFileName)
            .FirstOrDefault(name => name is not (DataLayout.Lock or "lost+found"));
        if (found is not null)
        {
            throw new StorageException($"{data} is not empty: it has {found}. Restore into an empty directory, or a new one.");
        }
    }

    private static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, OwnersDirectory);
        }
    }

    private static void Protect(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, OwnersFile);
        }
    }

    private static void Remove(string directory)
    {
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
