using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>What a <c>summarize</c> op proposes, as an object or as text.</summary>
public sealed class SummarizeContentsTests
{
    private const string Captured =
        """{"handle":"7663c29e","head":"8e0fadab","message":"Summary @134:86","parents":["8e0fadab"],"details":{"includesProtocolTree":false}}""";

    [Fact]
    public void Reads_what_a_stock_client_sends_as_text_or_as_an_object()
    {
        foreach (var json in new[] { Captured, JsonSerializer.Serialize(Captured) })
        {
            var contents = Parse(json);

            Assert.Equal(("7663c29e", "8e0fadab", "Summary @134:86", false), (contents.Handle, contents.Head, contents.Message, contents.IncludesProtocolTree));
            Assert.Equal(["8e0fadab"], contents.Parents);
        }
    }

    [Theory]
    [InlineData("""{"handle":"h"}""")]
    [InlineData("""{"handle":"h","head":""}""")]
    [InlineData("""{"handle":"h","head":null,"message":null,"details":null}""")]
    [InlineData("""{"handle":"h","parents":[],"details":{}}""")]
    public void Only_the_handle_is_needed(string json)
    {
        var contents = Parse(json);

        Assert.Equal(("h", null, "", false), (contents.Handle, contents.Head, contents.Message, contents.IncludesProtocolTree));
        Assert.Empty(contents.Parents);
    }

    [Fact]
    public void Says_whether_the_tree_has_its_protocol_part() =>
        Assert.True(Parse("""{"handle":"h","details":{"includesProtocolTree":true}}""").IncludesProtocolTree);

    [Theory]
    [InlineData("", "The contents of a summarize op must be JSON")]
    [InlineData("\"no json\"", "The contents of a summarize op must be JSON")]
    [InlineData("\"\\ud800\"", "The contents of a summarize op must be JSON")]
    [InlineData("null", "The contents of a summarize op need a handle")]
    [InlineData("[]", "The contents of a summarize op need a handle")]
    [InlineData("{}", "The contents of a summarize op need a handle")]
    [InlineData("""{"handle":""}""", "The contents of a summarize op need a handle")]
    [InlineData("""{"handle":5}""", "The contents of a summarize op need a handle")]
    [InlineData("""{"handle":"\ud800"}""", "The contents of a summarize op need a handle")]
    [InlineData("""{"handle":"h","parents":"p"}""", "The contents of a summarize op need parents as a list")]
    [InlineData("""{"handle":"h","parents":[5]}""", "The contents of a summarize op need parents that are strings")]
    [InlineData("""{"handle":"h","parents":[[]]}""", "The contents of a summarize op need parents that are strings")]
    public void Says_what_is_missing(string json, string message) =>
        Assert.Equal(message, Assert.Throws<MalformedMessageException>(() => Parse(json)).Message);

    [Theory]
    [InlineData(SummarizeContents.MaxParents, true)]
    [InlineData(SummarizeContents.MaxParents + 1, false)]
    public void The_number_of_parents_is_bounded(int count, bool taken)
    {
        var json = $$"""{"handle":"h","parents":[{{string.Join(",", Enumerable.Repeat("\"p\"", count))}}]}""";

        Assert.Equal(taken, Record.Exception(() => Parse(json)) is not MalformedMessageException);
    }

    [Fact]
    public void Any_bytes_give_contents_or_the_named_exception()
    {
        var member = JsonTexts.Member(JsonTexts.Name, JsonTexts.Value);
        var contents = member.Array[0, 3].Select(members => $"{{{string.Join(",", members.Append("\"handle\":\"h\""))}}}");
        JsonTexts.Damaged(Gen.OneOf(contents, contents.Select(json => JsonSerializer.Serialize(json)))).Sample(bytes =>
        {
            try
            {
                SummarizeContents.Parse(bytes);
            }
            catch (MalformedMessageException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 5000);
    }

    private static SummarizeContents Parse(string json) => SummarizeContents.Parse(Bytes(json));
}
