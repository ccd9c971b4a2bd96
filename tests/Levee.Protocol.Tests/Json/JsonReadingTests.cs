using System.Text;
using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Small readings, where JSON is at its most peculiar.</summary>
public sealed class JsonReadingTests
{
    [Theory]
    [InlineData("data", true)]
    [InlineData("d\\u0061ta", true)]
    [InlineData("\\u0064\\u0061\\u0074\\u0061", true)]
    [InlineData("d\\u0061t", false)]
    [InlineData("d\\u0061taa", false)]
    [InlineData("\\u0164ata", false)]
    [InlineData("\\ud800ata", false)]
    [InlineData("data\\udc00", false)]
    [InlineData("", false)]
    public void Compares_a_name_however_it_is_escaped(string name, bool same)
    {
        var reader = new Utf8JsonReader(Bytes($"\"{name}\"").Span);
        reader.Read();

        Assert.Equal(same, reader.IsText("data"u8));
    }

    [Theory]
    [InlineData("\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t")]
    [InlineData("\\u0000\\u007f\\u007F", "\0\u007f\u007f")]
    public void Knows_every_escape(string name, string text)
    {
        var reader = new Utf8JsonReader(Bytes($"\"{name}\"").Span);
        reader.Read();

        Assert.True(reader.IsText(Encoding.ASCII.GetBytes(text)));
    }

    [Fact]
    public void Of_members_with_the_same_name_the_last_counts()
    {
        Assert.True(JsonReading.TryGetMember(Bytes("""{"a":1,"b":2,"\u0061": [3] }"""), "a"u8, out var value));
        Assert.Equal("[3]", Text(value));
    }

    [Fact]
    public void Finds_a_member_among_any_others() => Gen.Select(JsonTexts.Member(JsonTexts.Name, JsonTexts.Value).Array[0, 4], JsonTexts.Value)
        .Sample((others, value) =>
        {
            var members = string.Join(",", others.Append($"\"wanted\": {value}"));

            Assert.True(JsonReading.TryGetMember(Bytes($"{{{members}}}"), "wanted"u8, out var inObject));
            Assert.True(JsonReading.TryGetMemberOf(Bytes(members), "wanted"u8, out var inMembers));
            Assert.Equal((value, value), (Text(inObject), Text(inMembers)));
            Assert.False(JsonReading.TryGetMember(Bytes($"{{{members}}}"), "unwanted"u8, out _));
        }, iter: 1000);

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("\"a\"")]
    public void Another_value_than_an_object_has_no_members(string json) =>
        Assert.False(JsonReading.TryGetMember(Bytes(json), "a"u8, out _));

    [Theory]
    [InlineData("\"text\"", "text")]
    [InlineData("\"\\ud800\"", null)]
    [InlineData("5", null)]
    [InlineData("null", null)]
    public void Text_that_is_none_is_null(string json, string? text) => Assert.Equal(text, JsonReading.TextOf(Bytes(json)));

    [Theory]
    [InlineData("1.5")]
    [InlineData("\"1\"")]
    [InlineData("9223372036854775808")]
    public void A_number_that_is_no_integer_is_refused(string json) =>
        Assert.Throws<MalformedMessageException>(() => JsonReading.NumberOf(Bytes(json)));

    [Theory]
    [InlineData("\"{\\\"a\\\":1}\"", "{\"a\":1}")]
    [InlineData("{\"a\":1}", "{\"a\":1}")]
    [InlineData("\"\\ud800\"", "")]
    [InlineData("", "")]
    public void Unwraps_json_that_is_text(string json, string inside) => Assert.Equal(inside, Text(JsonReading.Unwrap(Bytes(json))));
}
