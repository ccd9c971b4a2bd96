using Levee.Storage;

namespace Levee.Server;

/// <summary>The directory that holds everything the server keeps, locked against a second server while this one runs.</summary>
internal sealed class DataDirectory : IDisposable
{
    private const string Default = "levee-data";

    private readonly DirectoryLock _lock;

    private DataDirectory(string path, DirectoryLock taken)
    {
        Path = path;
        _lock = taken;
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
            return DirectoryLock.TryTake(path) is { } taken
                ? new DataDirectory(path, taken)
                : throw new SettingException(
                    $"The data directory {path} is in use by another Levee server. Stop that one, or choose another with --data DIR.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException($"The data directory {path} is not writable ({e.Message}). Choose another with --data DIR.");
        }
    }

    /// <summary>Lets another server have the directory.</summary>
    public void Dispose() => _lock.Dispose();
}
