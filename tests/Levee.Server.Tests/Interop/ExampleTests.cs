using System.Globalization;
using System.Text.RegularExpressions;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Interop;

/// <summary>The examples of the README and of the page for Phoenix clients work as they stand there.</summary>
public sealed partial class ExampleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_stock_client_of_the_README_makes_a_document_and_another_one_sees_what_it_wrote()
    {
        var packages = new NodeFolder("fluid/v2", "fluid/v2");
        packages.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var example = Example("README.md", "port: 4000", $"port: {server.Url.Port.ToString(CultureInfo.InvariantCulture)}");

        await using var first = Start(packages, example);
        var command = await first.ReadUntilAsync(line => line.StartsWith("Now run: ", StringComparison.Ordinal));
        await first.ReadUntilAsync(line => line.StartsWith("hello from ", StringComparison.Ordinal));
        await using var second = Start(packages, example, command.Split(' ')[^1]);

        await second.ReadUntilAsync(IsOfBoth);
        await first.ReadUntilAsync(IsOfBoth);
    }

    [Fact]
    public async Task The_Phoenix_client_prints_hello_and_the_next_one_prints_both()
    {
        NodeFolder.Phoenix.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var example = Example(Path.Combine("docs", "phoenix.md"), "localhost:4000", server.Url.Authority);

        await using var first = Start(NodeFolder.Phoenix, example);
        await first.ReadUntilAsync(IsHello);
        Assert.Equal("2 op hello", first.Printed[^1]);

        await using var second = Start(NodeFolder.Phoenix, example);
        await second.ReadUntilAsync(IsHello);
        await second.ReadUntilAsync(IsHello);
    }

    private static bool IsHello(string line) => line.EndsWith(" op hello", StringComparison.Ordinal);

    private static bool IsOfBoth(string line) => line.Split(", ").Count(note => note.StartsWith("hello from ", StringComparison.Ordinal)) == 2;

    // The name stands where Node puts that of a script: what follows is the script's own.
    private static NodeRun Start(NodeFolder folder, string source, params string[] arguments) =>
        NodeRun.Start(folder, ["--input-type=module", "--eval", source, "hello.mjs", .. arguments], Patience);

    [GeneratedRegex("^```js\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex JavaScript();

    /// <summary>The one example of a page, with the test's server in place of the page's.</summary>
    private static string Example(string page, string address, string replacement)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Path, page)).ReplaceLineEndings("\n");
        var example = Assert.Single(JavaScript().Matches(text).Select(match => match.Groups[1].Value));
        Assert.Contains(address, example, StringComparison.Ordinal);
        return example.Replace(address, replacement, StringComparison.Ordinal);
    }
}
