namespace Levee.Server;

/// <summary>The directory that holds everything the server keeps, locked against a second server while this one runs.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const string LockFile = "levee.lock";
    private const string Default = "levee-data";

    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    /// <summary>The full path.</summary>
    public string Path { get; }

    /// <summary>Finds the path: <c>--data</c>, else <c>Levee:DataDirectory</c>, else <c>levee-data</c> in the current directory.</summary>
    public static string Resolve(IConfiguration configuration)
    {
        var path = configuration["data"] ?? configuration["Levee:DataDirectory"] ?? Default;
        return path.Length == 0
            ? throw new SettingException("--data must name a directory.")
            : System.IO.Path.GetFullPath(path);
    }

    /// <summary>Creates the directory if need be, readable by its owner alone, and locks it.</summary>
    /// <exception cref="SettingException">It can not be used; the message says why.</exception>
    public static DataDirectory Open(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The data directory {path} can not be created ({e.Message}). Choose another with --data DIR.");
        }

        try
        {
            var file = new FileStream(
                System.IO.Path.Combine(path, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return new DataDirectory(path, file);
        }
        catch (UnauthorizedAccessException)
        {
            throw new SettingException($"The data directory {path} is not writable. Choose another with --data DIR.");
        }
        catch (IOException)
        {
            throw new SettingException(
                $"The data directory {path} is in use by another Levee server, or not writable. Stop that one, or choose another with --data DIR.");
        }
    }

    /// <summary>Lets another server have the directory.</summary>
    public void Dispose() => _lock.Dispose();
}
