using CsCheck;
using static Levee.Protocol.Tests.QuorumSnapshotTests;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The quorum as it was, at every number that a summary may still refer to.</summary>
public sealed class QuorumHistoryTests
{
    // What happens (join, leave, propose, op), to whom, and how far the MSN comes, in percent of what is left.
    private static readonly Gen<(int Kind, int Client, int Raise)[]> Steps =
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 3], Gen.Frequency((3, Gen.Const(0)), (2, Gen.Int[0, 100]))).Array[0, 40];

    [Fact]
    public void At_gives_what_a_naive_replay_gives_for_every_number_from_the_minimum_on() => Steps.Sample(steps =>
    {
        var messages = Messages(steps);
        var expected = Enumerable.Range(0, messages.Count + 1).Select(count => Naive(messages.Take(count))).ToArray();
        var history = new QuorumHistory(QuorumSnapshot.Initial(0, []));
        for (var count = 0; count < messages.Count; count++)
        {
            history.Apply(messages[count]);
            for (var number = messages[count].MinimumSequenceNumber; number <= count + 1; number++)
            {
                Assert.Equal(expected[number], Describe(history.At(number)));
            }

            Assert.Same(history.At(count + 1), history.Current);
        }
    }, iter: 300);

    [Fact]
    public void Remembers_no_more_than_one_quorum_at_or_below_the_minimum() => Steps.Sample(steps =>
    {
        var history = new QuorumHistory(QuorumSnapshot.Initial(0, []));
        foreach (var message in Messages(steps))
        {
            history.Apply(message);
            Assert.All(history.Snapshots.Skip(1), snapshot => Assert.True(snapshot.SequenceNumber > message.MinimumSequenceNumber));
        }
    }, iter: 300);

    private static List<SequencedDocumentMessage> Messages((int Kind, int Client, int Raise)[] steps)
    {
        var messages = new List<SequencedDocumentMessage>();
        long msn = 0;
        var present = new HashSet<int>();
        foreach (var (kind, client, raise) in steps)
        {
            var sn = messages.Count + 1;
            msn += (sn - msn) * raise / 100;
            messages.Add(kind switch
            {
                0 or 1 when present.Add(client) => Join(sn, $"c{client}", msn),
                1 when present.Remove(client) => Leave(sn, $"c{client}", msn),
                2 or 3 => Propose(sn, msn, $"{{\"key\":\"k{client}\",\"value\":{sn}}}"),
                _ => Message(sn, msn),
            });
        }

        return messages;
    }

    /// <summary>Works the quorum out from nothing, by lists.</summary>
    private static string Naive(IEnumerable<SequencedDocumentMessage> messages)
    {
        var members = new List<(long Sn, string Id)>();
        var proposals = new List<(long Sn, string Contents)>();
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var m in messages)
        {
            switch (m.Type)
            {
                case "join":
                    members.Add((m.SequenceNumber, SystemMessage.ReadJoin(m)!.ClientId));
                    break;
                case "leave":
                    members.RemoveAll(member => member.Id == SystemMessage.ReadLeave(m));
                    break;
                case "propose":
                    proposals.Add((m.SequenceNumber, Text(m.Members)["\"contents\":".Length..]));
                    break;
            }

            foreach (var (sn, contents) in proposals.Where(proposal => proposal.Sn <= m.MinimumSequenceNumber).ToArray())
            {
                proposals.Remove((sn, contents));
                values[contents[8..10]] = $"{contents} proposed {sn} approved {m.SequenceNumber}";
            }
        }

        return $"{string.Join(' ', members)} | {string.Join(' ', proposals)} | {string.Join(' ', values.Values)}";
    }

    private static string Describe(QuorumSnapshot quorum) =>
        string.Join(' ', quorum.Members.Select(member => (member.Key, member.Value.ClientId))) + " | "
        + string.Join(' ', quorum.Proposals.Select(p => (p.Key, Contents(p.Value.Key, p.Value.Value)))) + " | "
        + string.Join(' ', quorum.Values.Select(v =>
            $"{Contents(v.Key, v.Value.Value)} proposed {v.Value.SequenceNumber} approved {v.Value.ApprovalSequenceNumber}"));

    private static string Contents(string key, ReadOnlyMemory<byte> value) => $"{{\"key\":\"{key}\",\"value\":{Text(value)}}}";
}
