using System.Globalization;
using System.Text.RegularExpressions;
using Levee.Testing;
using Levee.Tests;

namespace Levee.Server.Tests.Interop;

/// <summary>The examples of the README and of the pages for who comes from elsewhere work as they stand there.</summary>
public sealed partial class ExampleTests
{
    private const string Key = "c2f7a1d06b9e4835a1d0c2f76b9e4835";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly NodeFolder Fluid = new("fluid/v2", "fluid/v2");

    [Fact]
    public async Task The_stock_client_of_the_README_makes_a_document_and_another_one_sees_what_it_wrote()
    {
        Fluid.Require();
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await OneMakesADocumentAndAnotherSeesItAsync(Example("README.md", "port: 4000", $"port: {Port(server)}"));
    }

    [Theory]
    [InlineData("local")]
    [InlineData("remote")]
    public async Task The_Azure_client_makes_a_document_and_another_one_sees_what_it_wrote(string type)
    {
        Fluid.Require();
        var tenant = new Dictionary<string, string> { ["Levee:Identity:Tenants:0:Id"] = "my-app", ["Levee:Identity:Tenants:0:Secret1"] = Key };
        await using var server = await LeveeTestServer.StartAsync(tenant, TestContext.Current.CancellationToken);
        var example = Example(Path.Combine("docs", "from-tinylicious.md"), "localhost:4000", $"localhost:{Port(server)}");
        await OneMakesADocumentAndAnotherSeesItAsync($"process.env.LEVEE_TENANT_KEY = '{Key}';\n{example}", type);
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

    private static async Task OneMakesADocumentAndAnotherSeesItAsync(string example, params string[] arguments)
    {
        await using var first = Start(Fluid, example, arguments);
        var command = await first.ReadUntilAsync(line => line.StartsWith("Now run: ", StringComparison.Ordinal));
        await first.ReadUntilAsync(line => line.StartsWith("hello from ", StringComparison.Ordinal));
        await using var second = Start(Fluid, example, [.. arguments, command.Split(' ')[^1]]);

        await second.ReadUntilAsync(IsOfBoth);
        await first.ReadUntilAsync(IsOfBoth);
    }

    private static string Port(LeveeTestServer server) => server.Url.Port.ToString(CultureInfo.InvariantCulture);

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
