using System.Text.RegularExpressions;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Interop;

/// <summary>The README's example works as it stands there.</summary>
public sealed partial class ReadmeTests
{
    private const string Address = "localhost:4000";

    [Fact]
    public async Task The_JavaScript_example_prints_hello_and_the_next_one_prints_both()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var example = Example();
        Assert.Contains(Address, example, StringComparison.Ordinal);
        example = example.Replace(Address, server.Url.Authority, StringComparison.Ordinal);

        var first = await NodeScript.RunSourceUntilAsync(example, line => line.EndsWith(" op hello", StringComparison.Ordinal));
        var hellos = 0;
        await NodeScript.RunSourceUntilAsync(example, line => line.EndsWith(" op hello", StringComparison.Ordinal) && ++hellos == 2);

        Assert.Equal("2 op hello", first[^1]);
        Assert.Equal(2, hellos);
    }

    [GeneratedRegex("^```js\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex JavaScript();

    private static string Example()
    {
        var readme = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "README.md")).ReplaceLineEndings("\n");
        return Assert.Single(JavaScript().Matches(readme).Select(match => match.Groups[1].Value));
    }
}
