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

    [Fact]
    public void Keeps_what_is_said_of_trees()
    {
        var root = SummaryJsonReader.Read(Encoding.UTF8.GetBytes(
            Tree("""
                "a":{"unreferenced":true,"type":1,"tree":{}},"b":{"type":1,"tree":{},"groupId":"g\u0031"},"c":{"type":1,"tree":{},"unreferenced":false,"groupId":null}
                """)));
        Assert.Equal([("a", true, null), ("b", false, "g1"), ("c", false, null)], root.Children.OrderBy(child => child.Key).Select(child =>
            (child.Key, ((SummaryTree)child.Value).Unreferenced, ((SummaryTree)child.Value).GroupId)));
    }

    [Theory]
    [InlineData("\"unreferenced\":1", "summary.tree['a'].unreferenced must be true or false")]
    [InlineData("\"groupId\":true", "summary.tree['a'].groupId must be a string of at most 1024 characters")]
    public void Refuses_what_can_not_be_said_of_a_tree(string member, string error) =>
        Assert.Equal(error, Refusal(Tree("\"a\":{\"type\":1,\"tree\":{}," + member + "}")));

    [Theory]
    [InlineData("""{"type":2,"content":"x"}""", "summary must be a tree (type 1)")]
    [InlineData("[]", "summary must be an object")]
    [InlineData("""{"type":1}""", "summary.tree is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":[]}""", "summary.tree must be an object")]
    [InlineData("""{"type":1,"tree":{"a":5}}""", "summary.tree['a'] must be an object")]
    [InlineData("""{"type":1,"tree":{"a":{"type":1.0,"tree":{}}}}""", "summary.tree['a'].type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)")]
    [InlineData("""{"type":1,"tree":{"a":{"type":"2","content":"x"}}}""", "summary.tree['a'].type must be 1 (tree), 2 (blob), 3 (handle) or 4 (attachment)")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2}}}""", "summary.tree['a'].content is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":{}}}}""", "summary.tree['a'].content.content is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":null}}}""", "summary.tree['a']: content must be a string")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":"\ud800"}}}""", "summary.tree['a']: content must be valid text")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":"x","encoding":"latin1"}}}""", "summary.tree['a']: encoding must be utf-8 or base64")]
    [InlineData("""{"type":1,"tree":{"a":{"type":2,"content":"x","encoding":"\ud800"}}}""", "summary.tree['a']: encoding must be utf-8 or base64")]
    [InlineData("""{"type":1,"tree":{"a":{"type":3}}}""", "summary.tree['a'].handle is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":3,"handle":5}}}""", "summary.tree['a'].handle is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"a":{"type":4}}}""", "summary.tree['a'].id is missing or of the wrong type")]
    [InlineData("""{"type":1,"tree":{"\ud800":{"type":2,"content":"x"}}}""", "summary.tree has a name that is no valid text")]
    public void Says_what_is_wrong_with_a_part(string json, string error) => Assert.Equal(error, Refusal(json));

    [Fact]
    public void Refuses_more_parts_than_a_summary_may_have()
    {
        var parts = string.Join(',', Enumerable.Range(0, ObjectLimits.MaxListedEntries).Select(i => $"\"{i}\":{Blob}"));
        Assert.Equal("A summary must not have more than 100000 parts", Refusal(Tree(parts)));
    }

    [Fact]
    public void Takes_the_last_of_what_is_said_twice()
    {
        var root = SummaryJsonReader.Read(Encoding.UTF8.GetBytes(
            """{"type":9,"tree":{"a":BLOB},"type":1,"tree":{"b":BLOB,"b":{"type":4,"handle":"/x","type":3,"handle":"/y"}}}"""
                .Replace("BLOB", Blob, StringComparison.Ordinal)));
        Assert.Equal([KeyValuePair.Create<string, SummaryNode>("b", new SummaryHandle("/y"))], root.Children);
    }

    private static string Refusal(string json) =>
        Assert.Throws<MalformedMessageException>(() => SummaryJsonReader.Read(Encoding.UTF8.GetBytes(json))).Message;

    private static string Under(string name, string node) => Tree($"\"{name}\":{node}");

    private static string Tree(string members) => "{\"type\":1,\"tree\":{" + members + "}}";
}
