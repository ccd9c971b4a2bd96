using System.Text;
using Levee.Protocol;

namespace Levee.Sessions.Tests;

public sealed class SummaryJsonReaderTests
{
    private const string Blob = """{"type":2,"content":"x"}""";

    [Fact]
    public void Costs_memory_in_proportion_to_what_it_reads_also_under_long_names()
    {
        var leaves = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"{i}\":{Blob}"));
        var json = Encoding.UTF8.GetBytes(Under(new string('n', 4000), Under(new string('m', 4000), Tree(leaves))));
        SummaryJsonReader.Read(json);

        var before = GC.GetAllocatedBytesForCurrentThread();
        SummaryJsonReader.Read(json);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 30 * json.Length);
    }

    [Fact]
    public void Says_where_an_error_is_and_not_what_was_read_before() =>
        Assert.Equal("summary.tree['b'].tree['c'].type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)", Refusal(
            Tree($$"""
                "a":{{Under("z", Blob)}},"b":{{Under("c", "{}")}}
                """)));

    [Theory]
    [InlineData("n", 4096)]
    [InlineData("\\u006e", 4096)]
    [InlineData("\u00e9", 2048)]
    public void Takes_a_name_as_long_as_git_takes_and_no_longer(string character, int most)
    {
        var longest = string.Concat(Enumerable.Repeat(character, most));
        Assert.Equal(most, Assert.Single(SummaryJsonReader.Read(Encoding.UTF8.GetBytes(Under(longest, Blob))).Children).Key.Length);
        Assert.Equal("summary.tree has a name of more than 4096 bytes", Refusal(Under(longest + character, Blob)));
    }

    [Fact]
    public void Refuses_a_huge_name_without_making_a_string_of_it()
    {
        var json = Encoding.UTF8.GetBytes(Under(new string('n', 4_000_000), Blob));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<MalformedMessageException>(() => SummaryJsonReader.Read(json));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, json.Length);
    }

    private static string Refusal(string json) =>
        Assert.Throws<MalformedMessageException>(() => SummaryJsonReader.Read(Encoding.UTF8.GetBytes(json))).Message;

    private static string Under(string name, string node) => Tree($"\"{name}\":{node}");

    private static string Tree(string members) => "{\"type\":1,\"tree\":{" + members + "}}";
}
