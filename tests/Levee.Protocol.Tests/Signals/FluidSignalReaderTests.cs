using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Both forms in which stock Fluid clients send signals, and what is neither.</summary>
public sealed class FluidSignalReaderTests
{
    private const string Envelope = """{\"address\":\"A\",\"contents\":{\"type\":\"t\",\"content\":{\"x\":1}},\"clientBroadcastSignalSequenceNumber\":1}""";

    [Fact]
    public void V1_is_a_list_of_texts_or_of_lists_of_texts_and_order_is_kept()
    {
        var signals = FluidSignalReader.ReadV1(Bytes("""[["a","b"],"c",[],["d"]]"""));

        Assert.Equal(["a", "b", "c", "d"], signals.Select(signal => JsonReading.TextOf(signal.Content)));
        Assert.Equal(["a", "b", "c", "d"], signals.Select(signal => Enveloped(signal).GetProperty("content").GetString()));
        Assert.All(signals, signal => Assert.True(signal.Target.IsEverybody));
    }

    [Fact]
    public void V2_keeps_its_members_but_for_the_sender_and_the_type_that_stock_clients_throw_on()
    {
        var signal = V2($$"""{"clientId":"forged","content":"{{Envelope}}","type":"t","cli\u0065ntId":"forged too","referenceSequenceNumber":-1,"clientConnectionNumber":2,"other":[ 1 ]}""");

        Assert.Equal(
            $$"""{"content":"{{Envelope}}","referenceSequenceNumber":-1,"clientConnectionNumber":2,"other":[ 1 ]}""",
            $"{{{Text(signal.FluidMembers)}}}");
        Assert.True(signal.Target.IsEverybody);
    }

    [Fact]
    public void V2_may_be_for_one_client()
    {
        var signal = V2($$"""{"content":"{{Envelope}}","targetClientId":"T"}""");

        Assert.Equal("T", signal.Target.ClientId);
        Assert.Equal($$"""{"content":"{{Envelope}}","targetClientId":"T"}""", $"{{{Text(signal.FluidMembers)}}}");
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{\"contents\":null}""")]
    [InlineData("""{\"contents\":1}""")]
    [InlineData("""{\"address\":1,\"contents\":{}}""")]
    [InlineData("""{\"address\":null,\"contents\":{\"type\":\"t\",\"content\":1}}""")]
    public void A_text_that_would_end_a_stock_container_gets_an_envelope(string text)
    {
        foreach (var signal in (Signal[])[V2($$"""{"content":"{{text}}"}"""), .. FluidSignalReader.ReadV1(Bytes($"[\"{text}\"]"))])
        {
            var contents = Enveloped(signal);
            Assert.Equal("", contents.GetProperty("type").GetString());
            Assert.Equal(JsonSerializer.Deserialize<string>($"\"{text}\""), contents.GetProperty("content").GetString());
        }
    }

    [Theory]
    [InlineData(Envelope, """{"x":1}""")]
    [InlineData("""{\"contents\":{\"type\":\"t\",\"content\":\"c\"}}""", "\"c\"")]
    [InlineData("""{\"content\":5}""", "5")]
    [InlineData("""{\"signal\":{\"content\":6}}""", "6")]
    [InlineData("{}", "null")]
    [InlineData("hello", "\"hello\"")]
    [InlineData("[1]", "\"[1]\"")]
    [InlineData("5", "\"5\"")]
    [InlineData("{broken", "\"{broken\"")]
    public void Levees_clients_get_what_is_in_the_text(string text, string content)
    {
        Assert.Equal(content, Text(V2($$"""{"content":"{{text}}"}""").Content));
        Assert.Equal(content, Text(Assert.Single(FluidSignalReader.ReadV1(Bytes($"[[\"{text}\"]]"))).Content));
    }

    [Theory]
    [InlineData("""{"contents":{"type":"t","content":1}}""", """{"contents":{"type":"t","content":1}}""", """{"contents":{"type":"t","content":1}}""")]
    [InlineData("5", "5", """{"contents":{"type":"","content":5}}""")]
    public void V2_content_that_is_no_text_is_put_into_an_envelope(string content, string levee, string envelope)
    {
        var signal = V2($$"""{"content":{{content}},"targetClientId":"T"}""");

        Assert.Equal(levee, Text(signal.Content));
        var members = JsonSerializer.Deserialize<JsonElement>($"{{{Text(signal.FluidMembers)}}}");
        Assert.Equal(envelope, members.GetProperty("content").GetString());
        Assert.Equal("T", members.GetProperty("targetClientId").GetString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("[5]")]
    [InlineData("[[5]]")]
    [InlineData("""[[{"content":"x"}]]""")]
    [InlineData("""[["\ud800"]]""")]
    [InlineData("""["ok",null]""")]
    public void What_is_no_V1_is_refused_whole(string json) =>
        Assert.Throws<MalformedMessageException>(() => FluidSignalReader.ReadV1(Bytes(json)));

    [Theory]
    [InlineData("{}")]
    [InlineData("""["x"]""")]
    [InlineData("[[\"x\"]]")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    [InlineData("""[{"content":"x"},{"targetClientId":"T"}]""")]
    [InlineData("""[{"content":"x","targetClientId":5}]""")]
    [InlineData("""[{"content":"x","targetClientId":null}]""")]
    [InlineData("""[{"content":"x","type":5}]""")]
    [InlineData("""[{"content":"x","clientConnectionNumber":"1"}]""")]
    [InlineData("""[{"content":"x","referenceSequenceNumber":true}]""")]
    public void What_is_no_V2_is_refused_whole(string json) =>
        Assert.Throws<MalformedMessageException>(() => FluidSignalReader.ReadV2(Bytes(json)));

    [Fact]
    public void The_number_of_signals_is_bounded()
    {
        Assert.Equal(2, FluidSignalReader.ReadV1(Bytes("""[["a","b"]]"""), 2).Count);
        Assert.Throws<MalformedMessageException>(() => FluidSignalReader.ReadV1(Bytes("""[["a","b"],"c"]"""), 2));
        Assert.Throws<MalformedMessageException>(() => FluidSignalReader.ReadV2(Bytes("""[{"content":"a"},{"content":"b"}]"""), 1));
    }

    [Fact]
    public void Any_bytes_give_signals_with_two_faces_or_one_of_the_two_named_exceptions()
    {
        var value = JsonTexts.Value.Array[0, 4].Select(values =>
            $"[{string.Join(",", values.Select(json => $$"""{"content":{{json}},"x":{{json}}}"""))}]");
        JsonTexts.Damaged(value).Sample(bytes =>
        {
            Try(bytes, FluidSignalReader.ReadV1);
            Try(bytes, FluidSignalReader.ReadV2);
        }, iter: 4000);
    }

    private static void Try(byte[] bytes, Func<ReadOnlyMemory<byte>, int, IReadOnlyList<Signal>> read)
    {
        IReadOnlyList<Signal> signals;
        try
        {
            signals = read(bytes, int.MaxValue);
        }
        catch (Exception e) when (e is MalformedMessageException or JsonException)
        {
            return;
        }

        // Made later, by the session: these must not throw.
        Assert.All(signals, signal => Assert.False(signal.Content.IsEmpty || signal.FluidMembers.IsEmpty));
    }

    /// <summary>The contents of the envelope that stock clients get.</summary>
    private static JsonElement Enveloped(Signal signal)
    {
        var members = JsonSerializer.Deserialize<JsonElement>($"{{{Text(signal.FluidMembers)}}}");
        return JsonSerializer.Deserialize<JsonElement>(members.GetProperty("content").GetString()!).GetProperty("contents");
    }

    private static Signal V2(string signal) => Assert.Single(FluidSignalReader.ReadV2(Bytes($"[{signal}]")));
}
