namespace Levee.Tests;

/// <summary>Scripts for Node in a folder of <c>tests</c>, and the folder where <c>npm ci</c> puts what they need.</summary>
/// <param name="Scripts">The scripts' folder, below <c>tests</c>.</param>
/// <param name="Packages">The folder with the <c>package.json</c>, below <c>tests</c>.</param>
public sealed record NodeFolder(string Scripts, string Packages)
{
    /// <summary>Phoenix's own client.</summary>
    public static NodeFolder Phoenix { get; } = new("js", "js");

    /// <summary>What to do where it can not run.</summary>
    public string HowToInstall => $"install Node 20 or newer, and run `npm ci --ignore-scripts` in tests/{Packages}";

    /// <summary>Microsoft's Fluid clients.</summary>
    /// <param name="generation">The folder of the generation's packages, such as <c>v2</c>.</param>
    public static NodeFolder Fluid(string generation) => new("fluid", $"fluid/{generation}");

    /// <summary>Skips the test, or fails it on a build server (<c>CI=true</c>), where Node's packages are missing.</summary>
    /// <returns>The full path of the scripts' folder.</returns>
    public string Require()
    {
        var tests = Path.Combine(RepositoryFolder.Path, "tests");
        if (!Directory.Exists(Path.Combine(tests, Packages, "node_modules")))
        {
            Missing($"tests/{Packages}/node_modules is missing");
        }

        return Path.Combine(tests, Scripts);
    }

    /// <summary>Skips the test, or fails it on a build server.</summary>
    /// <param name="what">What is missing.</param>
    public void Missing(string what)
    {
        what = $"{what}: {HowToInstall}";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Fail(what);
        }

        Assert.Skip(what);
    }
}
