using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Every form in which a signal may come, and what is none.</summary>
public sealed class SignalReaderTests
{
    [Theory]
    // V1: the envelope
    [InlineData("""{"address":"a","contents":{"type":"t","content":{"x": 1}},"clientBroadcastSignalSequenceNumber":1}""", """{"x": 1}""")]
    [InlineData("""{"contents":{"content":"text"}}""", "\"text\"")]
    [InlineData("""{"address":"a","contents":{"type":"t"}}""", "null")]
    [InlineData("""{"address":"a"}""", "null")]
    [InlineData("""{"address":"a","content":5}""", "5")]
    // V2
    [InlineData("""{"content":{"x": 1},"type":"t","clientConnectionNumber":1,"referenceSequenceNumber":2}""", """{"x": 1}""")]
    [InlineData("""{"content":null}""", "null")]
    [InlineData("""{"type":"t"}""", "null")]
    [InlineData("{}", "null")]
    // V2, wrapped
    [InlineData("""{"signal":{"content":[1]}}""", "[1]")]
    [InlineData("""{"signal":{}}""", "null")]
    [InlineData("""{"signal":5,"content":6}""", "6")]
    // Text that is no JSON, or JSON that is no signal object, is content of its own
    [InlineData("\"hello\"", "\"hello\"")]
    [InlineData("\"\"", "\"\"")]
    [InlineData("\"5\"", "\"5\"")]
    [InlineData("\"{broken\"", "\"{broken\"")]
    [InlineData("\"{} {}\"", "\"{} {}\"")]
    [InlineData("5", "5")]
    [InlineData("true", "true")]
    [InlineData("null", "null")]
    public void Reads_the_content_of_every_form(string batch, string content)
    {
        var signal = Single(batch);

        Assert.Equal(content, Text(signal.Content));
        Assert.True(signal.Target.IsEverybody);
    }

    [Theory]
    [InlineData("""{"content":1}""")]
    [InlineData("""{"address":"a","contents":{"content":1}}""")]
    [InlineData("""{"signal":{"content":1}}""")]
    [InlineData("""[{"content":1}]""")]
    public void A_batch_may_be_text_that_holds_json(string json) =>
        Assert.Equal("1", Text(Single(JsonSerializer.Serialize(json)).Content));

    [Fact]
    public void A_batch_may_be_a_list_and_order_is_kept()
    {
        var signals = Read("""[[{"content":1},"two",{"address":"a","contents":{"content":3}}],"[{\"content\":4},{\"content\":5}]",{"content":6},[]]""");

        Assert.Equal(["1", "\"two\"", "3", "4", "5", "6"], signals.Select(signal => Text(signal.Content)));
    }

    [Fact]
    public void No_batches_are_no_signals() => Assert.Empty(Read(" [ ] "));

    [Fact]
    public void A_target_stands_in_the_signal_and_lists_stand_outside_it()
    {
        var signal = Single("""{"signal":{"content":1,"targetClientId":"T"},"targetedClients":["A","B"],"ignoredClients":["C"]}""");

        Assert.Equal("T", signal.Target.ClientId);
        Assert.Equal(["A", "B"], signal.Target.Only!);
        Assert.Equal(["C"], signal.Target.Except!);
    }

    [Fact]
    public void A_signal_without_a_wrapper_may_have_a_target_and_lists()
    {
        Assert.Equal("T", Single("""{"content":1,"targetClientId":"T"}""").Target.ClientId);
        Assert.Equal(["A"], Single("""{"content":1,"targetedClients":["A"]}""").Target.Only!);
    }

    [Fact]
    public void An_envelope_with_lists_goes_to_no_more_clients_than_they_say()
    {
        var signal = Single("""{"address":"a","contents":{"content":1},"targetedClients":["A"],"ignoredClients":["B"],"targetClientId":"C"}""");

        Assert.Equal("1", Text(signal.Content));
        Assert.Equal(["A"], signal.Target.Only!);
        Assert.Equal(["B"], signal.Target.Except!);
        Assert.Equal("C", signal.Target.ClientId);
    }

    [Fact]
    public void Null_for_a_target_is_none() => Assert.True(
        Single("""{"content":1,"targetClientId":null,"targetedClients":null,"ignoredClients":null}""").Target.IsEverybody);

    [Theory]
    [InlineData("""{"content":1}""", "contentBatches must be a list")]
    [InlineData("\"x\"", "contentBatches must be a list")]
    [InlineData("null", "contentBatches must be a list")]
    [InlineData("""[[[]]]""", "a list of signals must not hold a list")]
    [InlineData("""["\ud800"]""", "a signal is no valid text")]
    [InlineData("""[{"targetedClients":["A",5]}]""", "a signal's client list must hold strings")]
    [InlineData("""[{"ignoredClients":["\ud800"]}]""", "a signal's client list must hold strings")]
    [InlineData("""[{"targetedClients":"A"}]""", "a signal's client list must be a list")]
    [InlineData("""[{"ignoredClients":{}}]""", "a signal's client list must be a list")]
    [InlineData("""[{"content":1,"targetClientId":5}]""", "targetClientId must be a string")]
    [InlineData("""[{"signal":{"targetClientId":["A"]}}]""", "targetClientId must be a string")]
    public void What_is_no_signal_is_refused_and_not_sent_to_everybody(string json, string message) =>
        Assert.Equal(message, Assert.Throws<MalformedMessageException>(() => Read(json)).Message);

    [Theory]
    [InlineData(SignalTarget.MaxListed, true)]
    [InlineData(SignalTarget.MaxListed + 1, false)]
    public void A_list_of_clients_is_bounded(int count, bool taken)
    {
        var json = $$"""[{"targetedClients":[{{string.Join(",", Enumerable.Repeat("\"A\"", count))}}]}]""";

        if (taken)
        {
            Assert.Equal(count, Assert.Single(Read(json)).Target.Only!.Count);
            return;
        }

        Assert.Equal(
            "a signal may list at most 1000 clients", Assert.Throws<MalformedMessageException>(() => Read(json)).Message);
    }

    [Fact]
    public void Any_bytes_give_signals_or_one_of_the_two_named_exceptions()
    {
        var value = JsonTexts.Value.Array[0, 4].Select(values => $"[{string.Join(",", values)}]");
        JsonTexts.Damaged(value).Sample(bytes =>
        {
            try
            {
                SignalReader.ReadBatches(bytes);
            }
            catch (Exception e) when (e is MalformedMessageException or JsonException)
            {
                Assert.NotEmpty(e.Message);
            }
        }, iter: 20_000);
    }

    private static IReadOnlyList<Signal> Read(string json) => SignalReader.ReadBatches(Bytes(json));

    private static Signal Single(string batch) => Assert.Single(Read($"[{batch}]"));
}
