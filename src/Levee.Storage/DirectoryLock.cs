namespace Levee.Storage;

/// <summary>The right to use a data directory, which one process has at a time; it ends with the process at the latest.</summary>
public sealed class DirectoryLock : IDisposable
{
    // What the systems call it: EAGAIN on Linux, EAGAIN on macOS, ERROR_SHARING_VIOLATION on Windows.
    private static readonly int[] HeldErrors = [11, 35, 32];

    private readonly FileStream _file;

    private DirectoryLock(FileStream file) => _file = file;

    /// <summary>Takes the lock; null when another process has it.</summary>
    /// <exception cref="IOException">The directory can not be used; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not writable.</exception>
    public static DirectoryLock? TryTake(string directory)
    {
        try
        {
            return new DirectoryLock(new FileStream(
                Path.Combine(directory, DataLayout.Lock), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (HeldErrors.Contains(e.HResult & 0xffff))
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
