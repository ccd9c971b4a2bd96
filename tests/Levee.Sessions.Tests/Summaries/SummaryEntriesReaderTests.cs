using System.Text;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions.Tests;

public sealed class SummaryEntriesReaderTests
{
    private const string Sha = "00000000000000000000000000000000000000ff";

    private const string Captured = """
        [{"value":{"type":"blob","content":"text","encoding":"utf-8"},"path":"a%20b","type":"blob"},
         {"value":{"type":"blob","content":"AP8=","encoding":"base64"},"path":"bin","type":"blob"},
         {"value":{"type":"tree","entries":[{"path":"x","type":"tree","id":"parenthandle/.app/.channels/x"},
           {"path":"b","type":"blob","id":"parenthandle/.app/.channels/b"}]},"path":".channels","type":"tree","groupId":"g1"},
         {"path":"att","type":"blob","id":"00000000000000000000000000000000000000ff"},
         {"value":{"type":"tree","entries":[]},"unreferenced":true,"path":"gone","type":"tree"}]
        """;

    [Fact]
    public void Reads_what_a_stock_driver_uploads()
    {
        var root = SummaryEntriesReader.ReadList(Encoding.UTF8.GetBytes(Captured));
        Assert.Equal([".channels", "a%20b", "att", "bin", "gone"], root.Children.Keys.Order(StringComparer.Ordinal));
        Assert.Equal("text"u8.ToArray(), Assert.IsType<SummaryBlob>(root.Children["a%20b"]).Content.ToArray());
        Assert.Equal([0, 255], Assert.IsType<SummaryBlob>(root.Children["bin"]).Content.ToArray());
        Assert.Equal(new SummaryAttachment(Sha), root.Children["att"]);
        var channels = Assert.IsType<SummaryTree>(root.Children[".channels"]);
        Assert.Equal(("g1", false), (channels.GroupId, channels.Unreferenced));
        Assert.Equal(new SummaryHandle("parenthandle/.app/.channels/x", GitObjectKind.Tree), channels.Children["x"]);
        Assert.Equal(new SummaryHandle("parenthandle/.app/.channels/b", GitObjectKind.Blob), channels.Children["b"]);
        var gone = Assert.IsType<SummaryTree>(root.Children["gone"]);
        Assert.Equal((null, true), (gone.GroupId, gone.Unreferenced));
    }

    [Theory]
    [InlineData("""{"type":"tree","entries":LIST}""")]
    [InlineData("""{"entries":LIST,"type":"tree"}""")]
    [InlineData("""{"other":{"tree":1},"entries":LIST}""")]
    public void The_reader_of_summaries_takes_this_form_too(string root)
    {
        var json = root.Replace("LIST", Captured, StringComparison.Ordinal);
        Assert.Equal(5, SummaryJsonReader.Read(Encoding.UTF8.GetBytes(json)).Children.Count);
    }

    [Theory]
    [InlineData("""{"type":"tree"}""", "summary.entries is missing or of the wrong type")]
    [InlineData("""{"type":"tree","entries":{}}""", "summary.entries must be a list")]
    [InlineData("""{"type":"tree","entries":[5]}""", "summary.entries[0] must be an object")]
    [InlineData("""{"entries":[{"type":"blob","id":"x"}]}""", "summary.entries[0].path is missing or of the wrong type")]
    [InlineData("""{"entries":[{"path":5,"type":"blob","id":"x"}]}""", "summary.entries[0].path is missing or of the wrong type")]
    [InlineData("""{"entries":[{"path":"\ud800","type":"blob","id":"x"}]}""", "summary.entries[0] has a path that is no valid text")]
    [InlineData("""{"entries":[{"path":"a","id":"x"}]}""", "summary.entries[0].type must be tree or blob")]
    [InlineData("""{"entries":[{"path":"a","type":"commit","id":"x"}]}""", "summary.entries[0].type must be tree or blob")]
    [InlineData("""{"entries":[{"path":"a","type":"blob"}]}""", "summary.entries[0] must have a value, or the id of something that is stored")]
    [InlineData("""{"entries":[{"path":"a","type":"tree","id":5}]}""", "summary.entries[0] must have a value, or the id of something that is stored")]
    [InlineData("""{"entries":[{"path":"a","type":"tree","value":null}]}""", "summary.entries[0].value must be an object")]
    [InlineData("""{"entries":[{"path":"a","type":"tree","value":{"content":"x"}}]}""", "summary.entries[0].value.entries is missing or of the wrong type")]
    [InlineData("""{"entries":[{"path":"a","type":"blob","value":{"entries":[]}}]}""", "summary.entries[0].value.content is missing or of the wrong type")]
    [InlineData("""{"entries":[{"path":"a","type":"blob","value":{"content":{}}}]}""", "summary.entries[0].value.content.content is missing or of the wrong type")]
    [InlineData("""{"entries":[{"path":"a","type":"blob","value":{"content":"-","encoding":"base64"}}]}""", "summary.entries[0].value: content must be base64")]
    [InlineData("""{"entries":[{"path":"a","type":"tree","value":{"entries":[]},"unreferenced":1}]}""", "summary.entries[0].unreferenced must be true or false")]
    [InlineData("""{"entries":[{"path":"a","type":"tree","value":{"entries":[]},"groupId":1}]}""", "summary.entries[0].groupId must be a string of at most 1024 characters")]
    [InlineData("""{"entries":[{"path":"a","type":"blob","id":"x"},{"path":"a","type":"blob","id":"x"}]}""", "summary.entries[1].path is that of an entry before it")]
    [InlineData(
        """{"entries":[{"path":"a","type":"blob","id":"x"},{"path":"t","type":"tree","value":{"entries":[{"path":"b","type":"blob","id":"x"},{}]}}]}""",
        "summary.entries[1].value.entries[1].path is missing or of the wrong type")]
    public void Says_where_an_error_is(string json, string error) => Assert.Equal(error, Refusal(json));

    [Fact]
    public void Takes_a_path_as_long_as_git_takes_and_no_longer()
    {
        var longest = new string('n', 4096);
        Assert.Equal(longest, Assert.Single(SummaryJsonReader.Read(Encoding.UTF8.GetBytes(Entry(longest))).Children).Key);
        Assert.Equal("summary.entries[0] has a path of more than 4096 bytes", Refusal(Entry(longest + "n")));
    }

    [Fact]
    public void Refuses_more_parts_than_a_summary_may_have()
    {
        var entries = string.Join(',', Enumerable.Range(0, ObjectLimits.MaxListedEntries + 1).Select(i => $$"""{"path":"{{i}}","type":"blob","id":"x"}"""));
        Assert.Equal("A summary must not have more than 100000 parts", Refusal($$"""{"entries":[{{entries}}]}"""));
    }

    private static string Entry(string path) => $$"""{"entries":[{"path":"{{path}}","type":"blob","id":"x"}]}""";

    private static string Refusal(string json) =>
        Assert.Throws<MalformedMessageException>(() => SummaryJsonReader.Read(Encoding.UTF8.GetBytes(json))).Message;
}
