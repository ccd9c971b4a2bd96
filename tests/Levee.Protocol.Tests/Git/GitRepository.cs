using System.ComponentModel;
using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Levee.Protocol.Git;

namespace Levee.Protocol.Tests.Git;

/// <summary>A repository of the real git, in a directory of its own, to compare with.</summary>
internal sealed class GitRepository : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("levee-git-");

    private GitRepository() => Run(["init", "--quiet", "--bare", "--initial-branch=main"]);

    /// <summary>Skips the test where git is not installed, but fails it in CI.</summary>
    public static GitRepository Create()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "--version") { RedirectStandardOutput = true })!;
            git.WaitForExit();
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip("git is not installed.");
        }

        return new GitRepository();
    }

    /// <summary>Writes an object as git itself keeps it: deflated, in a file named by its id.</summary>
    public void Write(GitObject item)
    {
        var id = item.Id.ToString();
        var folder = Directory.CreateDirectory(Path.Combine(_directory.FullName, "objects", id[..2]));
        using var file = File.Create(Path.Combine(folder.FullName, id[2..]));
        using var zlib = new ZLibStream(file, CompressionLevel.Fastest);
        zlib.Write(Encoding.ASCII.GetBytes($"{Name(item.Kind)} {item.Content.Length}\0"));
        zlib.Write(item.Content.Span);
    }

    public void PointMainAt(ObjectId commit) => Run(["update-ref", "refs/heads/main", commit.ToString()]);

    /// <summary>Runs git; fails the test with what it says when it fails.</summary>
    public string Run(string[] arguments, ReadOnlyMemory<byte> input = default, Dictionary<string, string>? environment = null)
    {
        var (code, output) = TryRun(arguments, input, environment);
        Assert.True(code == 0, $"git {string.Join(' ', arguments)} answered {code}: {output}");
        return output.Trim();
    }

    public (int Code, string Output) TryRun(
        string[] arguments, ReadOnlyMemory<byte> input = default, Dictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("git", arguments)
        {
            WorkingDirectory = _directory.FullName,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Whatever the user has configured must not change what is compared.
        start.Environment["HOME"] = _directory.FullName;
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        using var git = Process.Start(start)!;
        var errors = git.StandardError.ReadToEndAsync();
        git.StandardInput.BaseStream.Write(input.Span);
        git.StandardInput.Close();
        var output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return (git.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        // Git makes its files read-only.
        foreach (var file in _directory.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            file.Attributes = FileAttributes.Normal;
        }

        _directory.Delete(recursive: true);
    }

    private static string Name(GitObjectKind kind) => kind switch
    {
        GitObjectKind.Blob => "blob",
        GitObjectKind.Tree => "tree",
        _ => "commit",
    };
}
