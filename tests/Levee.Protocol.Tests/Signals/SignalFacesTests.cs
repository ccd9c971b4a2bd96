using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>What stock Fluid clients get of the signals that Levee's clients send: always a text, and in it an envelope.</summary>
public sealed class SignalFacesTests
{
    [Theory]
    // An envelope stays whole.
    [InlineData(
        """{"address":"A","contents":{"type":"t","content":{"x": 1}},"clientBroadcastSignalSequenceNumber":1}""",
        """{"address":"A","contents":{"type":"t","content":{"x": 1}},"clientBroadcastSignalSequenceNumber":1}""")]
    [InlineData("""{"contents":{"content":"text"}}""", """{"contents":{"content":"text"}}""")]
    // One that a stock runtime would throw on is made anew.
    [InlineData("""{"address":"A","contents":5}""", """{"contents":{"type":"","content":null}}""")]
    [InlineData("""{"address":"A"}""", """{"contents":{"type":"","content":null}}""")]
    [InlineData("""{"address":null,"contents":{"type":"t","content":1}}""", """{"contents":{"type":"t","content":1}}""")]
    [InlineData("""{"address":7,"contents":{"type":7,"content":1}}""", """{"contents":{"type":"","content":1}}""")]
    [InlineData("""{"address":"\ud800","contents":{"type":"t","content":1}}""", """{"contents":{"type":"t","content":1}}""")]
    // V2 content that is an envelope, as text or not, stays as it is.
    [InlineData("""{"content":"{\"contents\": {\"content\":1}}"}""", """{"contents": {"content":1}}""")]
    [InlineData("""{"content":{"address":"A","contents":{"content":1}}}""", """{"address":"A","contents":{"content":1}}""")]
    // Everything else is wrapped.
    [InlineData("""{"content":{"x": 1},"type":"t"}""", """{"contents":{"type":"t","content":{"x": 1}}}""")]
    [InlineData("""{"content":"text"}""", """{"contents":{"type":"","content":"text"}}""")]
    [InlineData("""{"content":"{\"x\":1}","type":5}""", """{"contents":{"type":"","content":"{\"x\":1}"}}""")]
    [InlineData("""{"signal":{"content":[1],"type":"t"}}""", """{"contents":{"type":"t","content":[1]}}""")]
    [InlineData("{}", """{"contents":{"type":"","content":null}}""")]
    [InlineData("\"hello\"", """{"contents":{"type":"","content":"hello"}}""")]
    [InlineData("5", """{"contents":{"type":"","content":5}}""")]
    public void Stock_clients_get_an_envelope_as_text(string batch, string envelope)
    {
        var members = Fluid(Single(batch));

        Assert.Equal(["content"], members.EnumerateObject().Select(member => member.Name));
        Assert.Equal(envelope, members.GetProperty("content").GetString());
    }

    [Theory]
    [InlineData("""{"content":1,"type":"t","clientConnectionNumber":1,"referenceSequenceNumber":2,"targetClientId":"T","clientId":"forged","x":1}""")]
    [InlineData("""{"signal":{"content":1,"clientConnectionNumber":1,"referenceSequenceNumber":2,"targetClientId":"T"},"ignoredClients":["A"]}""")]
    public void V2s_own_members_are_kept(string batch)
    {
        var members = Fluid(Single(batch));

        Assert.Equal(
            ["content", "clientConnectionNumber", "referenceSequenceNumber", "targetClientId"],
            members.EnumerateObject().Select(member => member.Name));
        Assert.Equal("T", members.GetProperty("targetClientId").GetString());
    }

    [Fact]
    public void The_services_own_text_is_the_same_for_both()
    {
        var signal = Signal.OfService(Bytes("\"{\\\"type\\\":\\\"join\\\"}\""));

        Assert.Equal("\"{\\\"type\\\":\\\"join\\\"}\"", Text(signal.Content));
        Assert.Equal("\"content\":\"{\\\"type\\\":\\\"join\\\"}\"", Text(signal.FluidMembers));
    }

    [Fact]
    public void Whatever_was_taken_has_a_face_that_stock_clients_can_read()
    {
        var value = JsonTexts.Value.Array[0, 4].Select(values => $"[{string.Join(",", values)}]");
        JsonTexts.Damaged(value).Sample(bytes =>
        {
            IReadOnlyList<Signal> signals;
            try
            {
                signals = SignalReader.ReadBatches(bytes);
            }
            catch (Exception e) when (e is MalformedMessageException or JsonException)
            {
                return;
            }

            Assert.All(signals, signal => Assert.True(
                JsonReading.TryGetMember(Bytes($"{{{Text(signal.FluidMembers)}}}"), "content"u8, out var content)
                && JsonReading.TextOf(content) is { } text
                && JsonReading.TryGetMember(Bytes(text), "contents"u8, out _)));
        }, iter: 8000);
    }

    private static Signal Single(string batch) => Assert.Single(SignalReader.ReadBatches(Bytes($"[{batch}]")));

    private static JsonElement Fluid(Signal signal) => JsonSerializer.Deserialize<JsonElement>($"{{{Text(signal.FluidMembers)}}}");
}
