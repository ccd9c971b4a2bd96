using System.Xml.Linq;
using Levee.Tests;

namespace Levee.Server.Tests.Host;

/// <summary>The rooms know only those that docs/architecture.md says they know.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Sources = Path.Combine(RepositoryFolder.Path, "src");

    public static TheoryData<string, string[]> Rooms => new()
    {
        { "Levee.Protocol", [] },
        { "Levee.Storage", ["Levee.Protocol"] },
        { "Levee.Sessions", ["Levee.Protocol", "Levee.Storage"] },
        { "Levee.Identity", ["Levee.Protocol", "Levee.Storage"] },
        { "Levee.Gateway", ["Levee.Identity", "Levee.Protocol", "Levee.Sessions", "Levee.Storage"] },
        { "Levee.Server", ["Levee.Gateway", "Levee.Identity", "Levee.Protocol", "Levee.Sessions", "Levee.Storage"] },
        { "Levee.Cli", ["Levee.Storage"] },
        { "Levee.Client", ["Levee.Protocol"] },
        {
            "Levee.Testing",
            ["Levee.Client", "Levee.Gateway", "Levee.Identity", "Levee.Protocol", "Levee.Server", "Levee.Sessions", "Levee.Storage"]
        },
    };

    [Theory]
    [MemberData(nameof(Rooms))]
    public void A_room_knows_only_those_below_it(string room, string[] mayKnow)
    {
        Assert.Empty(References(room, "ProjectReference").Except(mayKnow));
    }

    [Fact]
    public void Every_room_is_in_the_list_and_in_the_page_on_architecture()
    {
        var rooms = Directory.GetDirectories(Sources).Select(folder => Path.GetFileName(folder)!).Order().ToList();
        Assert.Equal(rooms, Rooms.Select(row => row.Data.Item1).Order());
        var page = File.ReadAllText(Path.Combine(RepositoryFolder.Path, "docs", "architecture.md"));
        Assert.All(rooms, room => Assert.Contains($"| `{room}` |", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_protocol_needs_nothing_but_the_runtime()
    {
        Assert.Empty(References("Levee.Protocol", "ProjectReference"));
        Assert.Empty(References("Levee.Protocol", "PackageReference"));
        Assert.Empty(References("Levee.Protocol", "FrameworkReference"));
    }

    [Fact]
    public void Only_storage_knows_the_database()
    {
        var knowing = Rooms.Select(row => row.Data.Item1).Where(room => References(room, "PackageReference").Contains("Microsoft.Data.Sqlite"));
        Assert.Equal(["Levee.Storage"], knowing);
    }

    [Theory]
    [InlineData("Phoenix", "Rest")]
    [InlineData("Phoenix", "SocketIo")]
    [InlineData("Rest", "Phoenix")]
    [InlineData("Rest", "SocketIo")]
    [InlineData("SocketIo", "Phoenix")]
    [InlineData("SocketIo", "Rest")]
    [InlineData("Documents", "Phoenix")]
    [InlineData("Documents", "SocketIo")]
    [InlineData("Documents", "Rest")]
    public void A_dialect_does_not_know_the_other(string dialect, string other)
    {
        var files = Directory.GetFiles(Path.Combine(Sources, "Levee.Gateway", dialect), "*.cs", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => File.ReadAllText(file).Contains($"Levee.Gateway.{other}", StringComparison.Ordinal));
    }

    private static List<string> References(string room, string kind) =>
        [.. XDocument.Load(Path.Combine(Sources, room, $"{room}.csproj"))
            .Descendants(kind)
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')) is var name
                && kind == "ProjectReference" ? name : reference.Attribute("Include")!.Value)];
}
