using System.Collections.Immutable;

namespace Levee.Protocol;

/// <summary>The quorum as of one sequence number. Immutable.</summary>
/// <param name="SequenceNumber">The SN of the message that made it so.</param>
/// <param name="Members">Write clients by the SN of their join, so in join order: the oldest is elected summarizer.</param>
/// <param name="Proposals">Pending proposals by SN.</param>
/// <param name="Values">Accepted values by key.</param>
public sealed record QuorumSnapshot(
    long SequenceNumber,
    ImmutableSortedDictionary<long, QuorumMember> Members,
    ImmutableSortedDictionary<long, QuorumProposal> Proposals,
    ImmutableSortedDictionary<string, QuorumValue> Values)
{
    private static readonly ImmutableSortedDictionary<string, QuorumValue> NoValues =
        ImmutableSortedDictionary.Create<string, QuorumValue>(StringComparer.Ordinal);

    /// <summary>A quorum with accepted values and nobody in it.</summary>
    public static QuorumSnapshot Initial(long sequenceNumber, IEnumerable<QuorumValue> values) => new(
        sequenceNumber,
        ImmutableSortedDictionary<long, QuorumMember>.Empty,
        ImmutableSortedDictionary<long, QuorumProposal>.Empty,
        NoValues.SetItems(values.Select(value => KeyValuePair.Create(value.Key, value))));

    /// <summary>The quorum after <paramref name="message"/>; this same object when the message does not change it.</summary>
    public QuorumSnapshot After(in SequencedDocumentMessage message)
    {
        var next = message.Type switch
        {
            MessageType.Join when SystemMessage.ReadJoin(message) is { } member =>
                this with { Members = Members.SetItem(message.SequenceNumber, member) },
            MessageType.Leave when SystemMessage.ReadLeave(message) is { } clientId => Without(clientId),
            MessageType.Propose when ProposeContents.Read(message) is { } proposal =>
                this with { Proposals = Proposals.SetItem(message.SequenceNumber, proposal) },
            _ => this,
        };
        next = next.Accept(message.MinimumSequenceNumber, message.SequenceNumber);
        return ReferenceEquals(next, this) ? this : next with { SequenceNumber = message.SequenceNumber };
    }

    private QuorumSnapshot Without(string clientId)
    {
        var joined = Members.FirstOrDefault(member => member.Value.ClientId == clientId).Key;
        return joined == 0 ? this : this with { Members = Members.Remove(joined) };
    }

    /// <summary>A proposal becomes a value when the MSN reaches it: by then every client has seen it.</summary>
    private QuorumSnapshot Accept(long minimumSequenceNumber, long sequenceNumber)
    {
        // A plain loop: this runs for every message, and a closure would be garbage for each.
        var next = this;
        foreach (var (number, proposal) in Proposals)
        {
            if (number > minimumSequenceNumber)
            {
                break;
            }

            var value = new QuorumValue(proposal.Key, proposal.Value, number, sequenceNumber, -1);
            next = next with
            {
                Proposals = next.Proposals.Remove(number),
                Values = next.Values.SetItem(proposal.Key, value),
            };
        }

        return next;
    }
}
