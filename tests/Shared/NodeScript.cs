namespace Levee.Tests;

/// <summary>
/// Runs scripts under Node in <c>tests/js</c>, with the real JavaScript clients installed there. Where they are missing the
/// test is skipped, and on a build server (<c>CI=true</c>) it fails.
/// </summary>
public static class NodeScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Skips the test, or fails it on a build server, where the clients are missing: before it starts anything that would wait for them.</summary>
    public static void Require() => NodeFolder.Phoenix.Require();

    /// <summary>Runs a script of the folder to its end, which must be a good one.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string script, params string[] arguments)
    {
        await using var run = NodeRun.Start(NodeFolder.Phoenix, [script, .. arguments], Patience);
        await run.ReadToEndAsync();
        return string.Join('\n', run.Printed);
    }
}
