using System.Text.Json;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>What an op must be, and what passes through.</summary>
public sealed class DocumentMessageReaderTests
{
    private const string Numbers = "\"type\":\"op\",\"clientSequenceNumber\":1,\"referenceSequenceNumber\":0";

    [Fact]
    public void Reads_the_numbers_and_keeps_the_rest_in_the_order_sent()
    {
        var op = Read("""
            { "metadata" : {"batch": true}, "clientSequenceNumber":7, "contents" : "{\"a\":1}",
              "type":"op", "referenceSequenceNumber":-1, "compression":"lz4" }
            """);

        Assert.Equal(("op", 7, -1), (op.Type, op.ClientSequenceNumber, op.ReferenceSequenceNumber));
        Assert.Equal("""
            "metadata":{"batch": true},"contents":"{\"a\":1}","compression":"lz4"
            """, Text(op.Members));
        Assert.Equal("""
            "{\"a\":1}"
            """, Text(op.Contents));
    }

    [Fact]
    public void An_op_may_have_no_members_at_all()
    {
        var op = Read("{" + Numbers + "}");

        Assert.True(op.Members.IsEmpty);
        Assert.True(op.Contents.IsEmpty);
        Assert.False(op.HasNullContents);
    }

    [Theory]
    [InlineData("null", true)]
    [InlineData("\"null\"", false)]
    [InlineData("{}", false)]
    public void Tells_contents_that_are_null_from_others(string contents, bool isNull)
    {
        Assert.Equal(isNull, Read($"{{{Numbers},\"contents\": {contents} }}").HasNullContents);
        Assert.Equal(isNull, Read($"{{{Numbers},\"c\\u006fntents\":{contents}}}").HasNullContents);
    }

    [Fact]
    public void Of_contents_sent_twice_the_last_count_and_both_are_passed_on()
    {
        var op = Read("{" + Numbers + ",\"contents\":null,\"contents\":1}");

        Assert.False(op.HasNullContents);
        Assert.Equal("\"contents\":null,\"contents\":1", Text(op.Members));
    }

    [Theory]
    [InlineData("clientId")]
    [InlineData("sequenceNumber")]
    [InlineData("minimumSequenceNumber")]
    [InlineData("timestamp")]
    [InlineData("data")]
    [InlineData("origin")]
    [InlineData("\\u0063lientId")]
    [InlineData("d\\u0061ta")]
    [InlineData("s\\u0065quenceNumber")]
    public void Drops_what_the_service_writes_itself(string name) =>
        Assert.Equal("\"a\":1,\"b\":2", Text(Read($"{{\"a\":1,\"{name}\":{{\"x\":[9]}},{Numbers},\"{name}\":5,\"b\":2}}").Members));

    [Fact]
    public void Reads_the_numbers_also_when_their_names_are_written_with_escapes()
    {
        var op = Read("""{"t\u0079pe":"\u006aoin","\u0063lientSequenceNumber":2,"r\u0065ferenceSequenceNumber":3}""");

        Assert.Equal(("join", 2, 3), (op.Type, op.ClientSequenceNumber, op.ReferenceSequenceNumber));
        Assert.True(op.Members.IsEmpty);
    }

    [Theory]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"x\\udc00\":{}")]
    public void Passes_a_name_through_that_is_no_text(string member) =>
        Assert.Equal(member, Text(Read($"{{{Numbers},{member}}}").Members));

    [Theory]
    [InlineData("\"x\"", "an op must be an object")]
    [InlineData("[]", "an op must be an object")]
    [InlineData("null", "an op must be an object")]
    [InlineData("5", "an op must be an object")]
    [InlineData("{}", "an op needs a type")]
    [InlineData("""{"type":"op"}""", "an op needs a clientSequenceNumber")]
    [InlineData("""{"type":"op","clientSequenceNumber":1}""", "an op needs a referenceSequenceNumber")]
    [InlineData("""{"clientSequenceNumber":1,"referenceSequenceNumber":1}""", "an op needs a type")]
    [InlineData("""{"type":5}""", "type must be a string")]
    [InlineData("""{"type":null}""", "type must be a string")]
    [InlineData("""{"type":""}""", "type must have 1 to 64 characters")]
    [InlineData("""{"type":"\ud800"}""", "type must have 1 to 64 characters")]
    [InlineData("""{"type":"0123456789012345678901234567890123456789012345678901234567890123-"}""", "type must have 1 to 64 characters")]
    [InlineData("""{"clientSequenceNumber":"1"}""", "clientSequenceNumber must be an integer")]
    [InlineData("""{"clientSequenceNumber":1.5}""", "clientSequenceNumber must be an integer")]
    [InlineData("""{"clientSequenceNumber":9223372036854775808}""", "clientSequenceNumber must be an integer")]
    [InlineData("""{"clientSequenceNumber":null}""", "clientSequenceNumber must be an integer")]
    [InlineData("""{"referenceSequenceNumber":"1"}""", "referenceSequenceNumber must be an integer")]
    [InlineData("""{"referenceSequenceNumber":{}}""", "referenceSequenceNumber must be an integer")]
    public void Names_what_is_wrong_with_what_is_no_op(string json, string message) =>
        Assert.Equal(message, Assert.Throws<MalformedMessageException>(() => Read(json)).Message);

    [Fact]
    public void Ops_of_one_submission_share_a_buffer_and_do_not_disturb_each_other()
    {
        var json = Bytes($$"""[{"a":1,{{Numbers}}}, {{{Numbers}}}, {"clientId":"z","b": [2] ,{{Numbers}},"contents":null}]""");
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        var ops = new DocumentMessageReader(json);
        var members = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            members.Add(Text(ops.Read(ref reader).Members));
        }

        Assert.Equal(["\"a\":1", "", "\"b\":[2],\"contents\":null"], members);
    }

    [Fact]
    public void What_was_read_outlives_the_frame()
    {
        var frame = Bytes("{" + Numbers + ",\"contents\":\"kept\"}").ToArray();
        var op = Read(frame);

        Array.Clear(frame);

        Assert.Equal("\"contents\":\"kept\"", Text(op.Members));
        Assert.Equal("\"kept\"", Text(op.Contents));
    }

    [Fact]
    public void Of_a_stock_clients_op_those_members_pass_that_the_reference_service_passes()
    {
        var json = Bytes($$"""{"contents":"c",{{Numbers}},"metadata":{"batch":true},"compression":"lz4","traces":[1],"serverMetadata":1,"expHash1":"x","data":"d","other":2}""");
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();

        var op = new DocumentMessageReader(json, OpMembers.Fluid).Read(ref reader);

        Assert.Equal("""
            "contents":"c","metadata":{"batch":true},"compression":"lz4","traces":[1]
            """, Text(op.Members));
    }
}
