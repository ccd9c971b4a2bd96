using System.Text.Json;
using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Batches are built, sliced and read back without touching the bytes of a message.</summary>
public sealed class DeltaBatchTests
{
    private static readonly Gen<string[]> Contents = JsonTexts.Value.Array[0, 12];

    [Fact]
    public void A_batch_is_the_inside_of_a_json_array() => Contents.Sample(contents =>
    {
        var batch = Build(5, contents);

        var messages = Messages(5, contents).Select(message => Text(Encode(message))).ToArray();
        Assert.Equal(string.Join(",", messages), Text(batch.Json));
        Assert.Equal(messages, Enumerable.Range(0, batch.Count).Select(index => Text(batch[index])));
        Assert.Equal(contents.Length, batch.Count);
        using var array = JsonDocument.Parse($"[{Text(batch.Json)}]");
        Assert.Equal(contents.Length, array.RootElement.GetArrayLength());
    }, iter: 500);

    [Fact]
    public void Messages_that_are_encoded_already_build_the_same_batch() => Contents.Sample(contents =>
    {
        var builder = new DeltaBatchBuilder();
        foreach (var message in Messages(5, contents))
        {
            builder.AddEncoded(message.SequenceNumber, Encode(message).Span);
        }

        Assert.Equal(Text(Build(5, contents).Json), Text(builder.Build().Json));
    }, iter: 500);

    [Fact]
    public void Every_message_is_read_back() => Contents.Sample(contents =>
    {
        var batch = Build(9, contents);

        foreach (var (message, index) in Messages(9, contents).Select((message, index) => (message, index)))
        {
            SequencedMessageTests.AssertSame(message, SequencedMessageReader.Read(batch[index]));
        }
    }, iter: 500);

    [Fact]
    public void After_keeps_exactly_the_messages_above_a_number() => Gen.Select(Contents, Gen.Long[0, 20], Gen.Long[0, 20]).Sample(
        (contents, first, second) =>
        {
            var batch = Build(5, contents).After(first).After(second);

            var after = Math.Max(first, second);
            var expected = Messages(5, contents).Where(message => message.SequenceNumber > after).Select(m => Text(Encode(m))).ToArray();
            Assert.Equal(expected, Enumerable.Range(0, batch.Count).Select(index => Text(batch[index])));
            Assert.Equal(string.Join(",", expected), Text(batch.Json));
            if (expected.Length > 0)
            {
                Assert.Equal(Math.Max(5, after + 1), batch.FirstSequenceNumber);
                Assert.Equal(4 + contents.Length, batch.LastSequenceNumber);
            }
        }, iter: 2000);

    [Theory]
    [InlineData(long.MinValue, 3)]
    [InlineData(-1, 3)]
    [InlineData(0, 3)]
    [InlineData(3, 0)]
    [InlineData(long.MaxValue, 0)]
    public void After_takes_any_number(long after, int count) =>
        Assert.Equal(count, Build(1, ["1", "2", "3"]).After(after).Count);

    [Fact]
    public void After_shares_the_bytes()
    {
        var batch = Build(1, ["1", "2"]);

        Assert.True(batch.Json.Span.Overlaps(batch.After(1).Json.Span));
        Assert.Same(batch, batch.After(0));
    }

    [Fact]
    public void An_empty_batch_ends_before_it_begins()
    {
        var batch = Build(1, ["1"]).After(1);

        Assert.Equal((0, 2, 1), (batch.Count, batch.FirstSequenceNumber, batch.LastSequenceNumber));
        Assert.True(batch.Json.IsEmpty);
        Assert.Equal(0, batch.After(7).Count);
    }

    [Fact]
    public void A_builder_starts_afresh_and_leaves_its_last_batch_alone()
    {
        var builder = new DeltaBatchBuilder();
        builder.Add(Message(1, 0));
        var first = builder.Build();
        var text = Text(first.Json);
        Assert.Equal((0, 0), (builder.Count, builder.Bytes));

        builder.Add(Message(7, 0));
        builder.Add(Message(8, 0));
        Assert.Equal(2, builder.Count);
        Assert.Equal(Text(Encode(Message(7, 0))).Length * 2 + 1, builder.Bytes);
        var second = builder.Build();

        Assert.Equal(text, Text(first.Json));
        Assert.Equal((7, 8), (second.FirstSequenceNumber, second.LastSequenceNumber));
    }

    private static IEnumerable<SequencedDocumentMessage> Messages(long first, string[] contents) =>
        contents.Select((json, index) => Message(first + index, 0, members: Bytes($"\"contents\":{json}")));

    private static DeltaBatch Build(long first, string[] contents)
    {
        var builder = new DeltaBatchBuilder();
        foreach (var message in Messages(first, contents))
        {
            builder.Add(message);
        }

        return builder.Build();
    }
}
