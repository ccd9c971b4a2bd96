using System.Text;
using CsCheck;

namespace Levee.Client.Tests;

public sealed class RecentMessagesTests
{
    [Fact]
    public void Keeps_the_newest_messages_within_both_bounds_and_nothing_else() =>
        Gen.Select(Gen.Int[1, 8], Gen.Int[120, 600], Gen.Int[0, 200].Array[1, 40]).Sample((maxMessages, maxBytes, sizes) =>
        {
            var recent = new RecentMessages(maxMessages, maxBytes);
            var added = new List<SequencedMessage>();
            foreach (var size in sizes)
            {
                added.Add(Message(added.Count + 1, size));
                recent.Add(added[^1]);
            }

            var expected = new List<SequencedMessage>();
            foreach (var message in Enumerable.Reverse(added))
            {
                var fits = expected.Count < maxMessages && expected.Sum(kept => kept.Json.Length) + message.Json.Length <= maxBytes;
                if (expected.Count > 0 && !fits)
                {
                    break;
                }

                expected.Add(message);
            }

            var kept = added.Where(message => recent.TryGet(message.SequenceNumber, out var found) && found == message);
            Assert.Equal(Enumerable.Reverse(expected), kept);
            Assert.False(recent.TryGet(added.Count + 1, out _));
        });

    private static SequencedMessage Message(long number, int size) => new(Encoding.UTF8.GetBytes(
        $$"""{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":0,"referenceSequenceNumber":-1,"sequenceNumber":{{number}},"timestamp":0,"type":"op","contents":"{{new string('x', size)}}"}"""));
}
