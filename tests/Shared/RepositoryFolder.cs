namespace Levee.Tests;

/// <summary>Where the sources lie that a test was built from: the folder of <c>Levee.slnx</c>.</summary>
public static class RepositoryFolder
{
    public static string Path { get; } = Find();

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "Levee.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("Levee.slnx is not above the test's own folder");
    }
}
