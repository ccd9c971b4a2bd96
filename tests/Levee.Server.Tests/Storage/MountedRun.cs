using System.Diagnostics;
using Levee.Server.Tests.Host;

namespace Levee.Server.Tests.Storage;

/// <summary>
/// A server whose data directory is mounted as a test needs it, in a mount namespace that ends with the process. Nobody else sees the mounts; a
/// test looks in through <c>/proc</c>.
/// </summary>
internal static class MountedRun
{
    private const string Tools = "Needs Linux with unshare and mount (util-linux), as root or where users may make namespaces of their own.";

    private static readonly string[] Unshare = Environment.UserName == "root" ? ["unshare", "-m"] : ["unshare", "-rm"];
    private static readonly Lazy<bool> IsPossible = new(Try);

    /// <summary>Skips the test where nothing can be mounted; where everything must be tested it fails instead.</summary>
    public static void Require()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.True(IsPossible.Value, Tools);
        }

        Assert.SkipUnless(IsPossible.Value, Tools);
    }

    /// <summary>Starts a server after a script has mounted what it needs; <c>$DATA</c> is the data directory.</summary>
    public static ServerRun Start(string mounts, string data, params string[] arguments) => ServerRun.StartUnder(
        [.. Unshare, "sh", "-c", $"{mounts} && exec \"$@\"", "sh"],
        Path.GetDirectoryName(data)!,
        ["--urls", "http://127.0.0.1:0", "--environment", "Development", "--data", data, .. arguments],
        ("DATA", data));

    /// <summary>The data directory as the server sees it.</summary>
    public static string Inside(ServerRun run, string data) => $"/proc/{run.ProcessId}/root{data}";

    private static bool Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var directory = Directory.CreateTempSubdirectory("levee-mount-");
        try
        {
            var info = new ProcessStartInfo(Unshare[0]) { RedirectStandardError = true };
            string[] arguments = [.. Unshare[1..], "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.FullName];
            Array.ForEach(arguments, info.ArgumentList.Add);
            using var process = Process.Start(info)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
        finally
        {
            directory.Delete();
        }
    }
}
