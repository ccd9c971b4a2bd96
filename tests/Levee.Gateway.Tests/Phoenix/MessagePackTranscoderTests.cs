using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Levee.Gateway.Phoenix;
using Levee.Gateway.Phoenix.Serializers;
using MessagePack;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class MessagePackTranscoderTests
{
    private static readonly Gen<string> Text = Gen.Frequency(
        (4, Gen.String[Gen.Char['\0', '\uD7FF'], 0, 20]),
        (1, Gen.OneOf([.. new[] { "", "😀", "\"\\\n\u2028\u0000", new string('x', 300), "a😀b𝒞", "\uFFFD" }.Select(Gen.Const)])));

    private static readonly Gen<JsonNode?> Number = Gen.OneOf(
        Gen.Int.Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.Long.Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.ULong.Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.Double.Where(double.IsFinite).Select(n => (JsonNode?)JsonValue.Create(n)),
        Gen.OneOf([.. new[] { 0L, -1, 127, 128, 255, 256, 65536, uint.MaxValue, 1L << 32, 1L << 53, (1L << 53) + 1 }.Select(Gen.Const)])
            .Select(n => (JsonNode?)JsonValue.Create(n)));

    private static readonly Gen<JsonNode?> Json = Gen.Recursive<JsonNode?>((depth, self) => depth >= 4
        ? Leaf()
        : Gen.Frequency(
            (2, Leaf()),
            (1, self.Array[0, 20].Select(items => (JsonNode?)new JsonArray([.. items.Select(i => i?.DeepClone())]))),
            (1, Gen.Select(Text, self).Array[0, 20].Select(ToObject))));

    [Fact]
    public void Json_comes_back_from_MessagePack_as_it_was() =>
        Json.Sample(node =>
        {
            var json = node?.ToJsonString() ?? "null";
            Assert.True(JsonNode.DeepEquals(node, JsonNode.Parse(Back(Pack(json)))), json);
        }, iter: 3000);

    [Fact]
    public void Strings_come_back_with_exactly_the_same_characters() =>
        Text.Sample(text =>
        {
            // By way of escapes, and as themselves.
            Assert.Equal(text, JsonSerializer.Deserialize<string>(Back(Pack(JsonSerializer.Serialize(text)))));
            Assert.Equal(text, JsonSerializer.Deserialize<string>(Back(MessagePackSerializer.Serialize(text, cancellationToken: Test))));
            Assert.Equal(text, MessagePackSerializer.Deserialize<string>(Pack(JsonSerializer.Serialize(text)), cancellationToken: Test));
        }, iter: 3000);

    [Fact]
    public void Any_bytes_throw_nothing_but_the_parsers_own_error() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Int[0, 2]).Sample((bytes, which) =>
        {
            var serializer = Serializers[which];
            var head = which == 2 ? Convert.FromHexString("95C0C0A174A165") : "[null,null,\"t\",\"e\","u8.ToArray();
            foreach (var message in new[] { bytes, [.. head, .. bytes] })
            {
                try
                {
                    var frame = serializer.Decode(message);
                    using var payload = JsonDocument.Parse(frame.Payload, new JsonDocumentOptions { MaxDepth = 64 });
                }
                catch (PhoenixFrameException)
                {
                    // Its own error, which is what is allowed.
                }
            }
        }, iter: 50_000);

    [Fact]
    public void Mutated_frames_throw_nothing_but_the_parsers_own_error() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, 2]).Sample((seed, which) =>
        {
            try
            {
                var frame = Serializers[which].Decode(RandomFrames.Next(new Random(seed), which switch { 0 => null, 1 => "2.0.0", _ => "3.0.0" }));
                using var payload = JsonDocument.Parse(frame.Payload);
            }
            catch (PhoenixFrameException)
            {
                // Its own error, which is what is allowed.
            }
        }, iter: 20_000);

    [Fact]
    public void Any_text_to_be_packed_throws_nothing_but_the_own_error() =>
        Gen.String[Gen.Char["[]{}\",:\\u0d8 -+.eEtrfn\uD800"], 0, 30].Sample(text =>
        {
            try
            {
                Pack(text);
            }
            catch (PhoenixFrameException)
            {
                // Its own error, which is what is allowed.
            }
        }, iter: 50_000);

    [Theory]
    [InlineData("0", "00")]
    [InlineData("127", "7F")]
    [InlineData("128", "CC80")]
    [InlineData("256", "CD0100")]
    [InlineData("65536", "CE00010000")]
    [InlineData("4294967295", "CEFFFFFFFF")]
    [InlineData("-1", "FF")]
    [InlineData("-33", "D0DF")]
    [InlineData("-2147483648", "D280000000")]
    [InlineData("4294967296", "CB41F0000000000000")]
    [InlineData("1700000000000", "CB4278BCFE56800000")]
    [InlineData("-9007199254740992", "CBC340000000000000")]
    [InlineData("9007199254740993", "CF0020000000000001")]
    [InlineData("-9007199254740993", "D3FFDFFFFFFFFFFFFF")]
    [InlineData("18446744073709551615", "CFFFFFFFFFFFFFFFFF")]
    [InlineData("18446744073709551616", "CB43F0000000000000")]
    [InlineData("-0", "CB8000000000000000")]
    [InlineData("1.5", "CB3FF8000000000000")]
    [InlineData("1e400", "CB7FF0000000000000")]
    [InlineData("-1e400", "CBFFF0000000000000")]
    [InlineData("null", "C0")]
    [InlineData("[true,false]", "92C3C2")]
    [InlineData("""{"a":[],"b":{}}""", "82A16190A16280")]
    [InlineData("""{"a":{"b":[1,{"c":2}]},"d":3}""", "82A16181A1629201" + "81A16302A16403")]
    [InlineData("\"\\ud83d\\ude00\"", "A4F09F9880")]
    [InlineData("\"a\\ud83db\\n\\\\\"", "A761EFBFBD620A5C")]
    [InlineData("\"\\ude00\\ud83d\"", "A6EFBFBDEFBFBD")]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "A7EFBFBDF09F9880")]
    public void Packs_in_the_form_that_JavaScript_reads_best(string json, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(Pack(json)));

    [Theory]
    [InlineData("CB4278BCFE56800000", "1700000000000")]
    [InlineData("CB4340000000000000", "9007199254740992")]
    [InlineData("CB3FF8000000000000", "1.5")]
    [InlineData("CB8000000000000000", "-0")]
    [InlineData("CB7FF8000000000000", "null")]
    [InlineData("CB7FF0000000000000", "null")]
    [InlineData("CA3FC00000", "1.5")]
    [InlineData("CF0000000000000005", "5")]
    [InlineData("CFFFFFFFFFFFFFFFFF", "18446744073709551615")]
    [InlineData("D38000000000000000", "-9223372036854775808")]
    [InlineData("C403010203", "\"AQID\"")]
    [InlineData("83A161D40000A16201A163D40000", """{"b":1}""")]
    [InlineData("92D4000001", "[null,1]")]
    [InlineData("DE0001A16101", """{"a":1}""")]
    public void Unpacks_what_msgpackr_packs(string hex, string json) =>
        Assert.Equal(json, Back(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("D7FF0000000000000000", "MessagePack timestamps are not supported: send times as numbers or strings")]
    [InlineData("81A161D40772", "MessagePack extension type 7 is not supported")]
    [InlineData("D40001", "MessagePack extension type 0 is not supported")]
    [InlineData("81C001", "a map has a key that is not a string")]
    [InlineData("A2C3", "the frame is not MessagePack")]
    [InlineData("A1C3", "text is not valid UTF-8")]
    [InlineData("C1", "the frame is not MessagePack")]
    public void Refuses_by_name_what_json_cannot_hold(string hex, string message) =>
        Assert.Equal(message, Assert.Throws<PhoenixFrameException>(() => Back(Convert.FromHexString(hex))).Message);

    [Fact]
    public void Refuses_text_that_is_not_json_or_not_utf8()
    {
        Assert.Throws<PhoenixFrameException>(() => Pack("{"));
        Assert.Throws<PhoenixFrameException>(() => Pack(""));
        Assert.Throws<PhoenixFrameException>(() => Pack("1 2"));
        Assert.Throws<PhoenixFrameException>(() => PackBytes([(byte)'"', 0xFF, (byte)'"']));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_payload_of_a_json_frame_is_a_slice_of_the_message(int which)
    {
        var message = which == 2
            ? """[ "1" , null,"t","e", { "a" : [ 1.0 , "\ud800" ] } ]"""u8.ToArray()
            : """{"payload": { "a" : [ 1.0 , "\ud800" ] } ,"x":[[]],"event":"e","topic":"t"}"""u8.ToArray();
        var payload = Serializers[which - 1].Decode(message).Payload;
        Assert.Equal("""{ "a" : [ 1.0 , "\ud800" ] }""", Encoding.UTF8.GetString(payload.Span));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(payload, out var segment));
        Assert.Same(message, segment.Array);
    }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    // In the order of the versions; index which - 1 above counts from legacy objects.
    private static IReadOnlyList<IPhoenixSerializer> Serializers { get; } =
        [new JsonObjectSerializer(64), new JsonArraySerializer(64), new MessagePackArraySerializer(64)];

    private static Gen<JsonNode?> Leaf() => Gen.Frequency(
        (3, Number),
        (3, Text.Select(t => (JsonNode?)JsonValue.Create(t))),
        (1, Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b))),
        (1, Gen.Const((JsonNode?)null)));

    private static JsonNode? ToObject((string Name, JsonNode? Value)[] members)
    {
        var result = new JsonObject();
        foreach (var (name, value) in members)
        {
            result[name] = value?.DeepClone();
        }

        return result;
    }

    private static byte[] Pack(string json) => PackBytes(Encoding.UTF8.GetBytes(json));

    private static byte[] PackBytes(byte[] json)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        MessagePackTranscoder.WriteJson(ref writer, json);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static string Back(byte[] packed)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer);
        var reader = new MessagePackReader(packed);
        MessagePackTranscoder.WriteValue(ref reader, writer, 64);
        writer.Flush();
        Assert.True(reader.End);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
