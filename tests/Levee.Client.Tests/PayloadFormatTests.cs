using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Levee.Client.Phoenix;
using MessagePack;

namespace Levee.Client.Tests;

public sealed class PayloadFormatTests
{
    [Fact]
    public void Text_survives_MessagePack_character_for_character() =>
        Gen.String.Where(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) == text).Sample(text =>
            Assert.Equal(text, RoundTrip(JsonSerializer.Serialize(text)).GetString()));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("4294967296")]
    [InlineData("1732484316000")]
    [InlineData("9223372036854775807")]
    [InlineData("-9223372036854775808")]
    [InlineData("18446744073709551615")]
    [InlineData("0.1")]
    [InlineData("-0.0")]
    [InlineData("1E+300")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"a":[1,{"b":"\u0001\n"}],"":false}""")]
    public void Values_survive_MessagePack(string json) =>
        Assert.True(JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(json), RoundTrip(json)));

    [Fact]
    public void A_whole_number_that_came_as_a_float_is_written_as_an_integer() =>
        Assert.Equal("1732484316000", Encoding.UTF8.GetString(Read((ref MessagePackWriter writer) => writer.Write(1732484316000d))));

    private delegate void Write(ref MessagePackWriter writer);

    private static JsonElement RoundTrip(string json) => JsonSerializer.Deserialize<JsonElement>(
        Read((ref MessagePackWriter writer) => PayloadFormat.WriteMessagePack(ref writer, Encoding.UTF8.GetBytes(json))));

    private static byte[] Read(Write write)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        var reader = new MessagePackReader(output.WrittenMemory);
        return PayloadFormat.ReadMessagePack(ref reader);
    }
}
