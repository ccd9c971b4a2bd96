namespace Levee.Server;

/// <summary>
/// Where Data Protection makes a key before it moves it to its place. On a root file system that is read-only it would fail in the middle of
/// the start, or months later when the key is renewed.
/// </summary>
internal static class TemporaryFiles
{
    /// <summary>Sees that files can be made there.</summary>
    /// <exception cref="SettingException">They can not; the message says what to do.</exception>
    public static void Require()
    {
        try
        {
            File.Delete(Path.GetTempFileName());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingException(
                $"The temporary directory {Path.GetTempPath()} must be writable, for the keys that protect tenants' secrets ({e.Message}). "
                + "Name another in the environment variable TMPDIR, such as the data directory.");
        }
    }
}
