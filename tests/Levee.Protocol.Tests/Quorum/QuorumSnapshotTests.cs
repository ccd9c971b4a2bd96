using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Who is in the quorum, and when a proposal becomes a value.</summary>
public sealed class QuorumSnapshotTests
{
    private static readonly QuorumValue Code = new("code", Bytes("1"), 0, 0, 0);

    private QuorumSnapshot _quorum = QuorumSnapshot.Initial(0, [Code]);

    [Fact]
    public void Members_are_kept_in_join_order_whatever_their_names()
    {
        Apply(Join(1, "z"), Join(2, "a"), Join(3, "m"));

        Assert.Equal([("z", 1), ("a", 2), ("m", 3)], _quorum.Members.Values.Select(member => (member.ClientId, member.SequenceNumber)));
    }

    [Fact]
    public void A_leave_removes_the_member_and_a_rejoin_puts_it_last()
    {
        Apply(Join(1, "A"), Join(2, "B"), Leave(3, "A"), Join(4, "A"));

        Assert.Equal(["B", "A"], _quorum.Members.Values.Select(member => member.ClientId));
    }

    [Fact]
    public void The_leave_of_a_stranger_changes_nothing()
    {
        Apply(Join(1, "A"));
        var before = _quorum;

        Apply(Leave(2, "stranger"));

        Assert.Same(before, _quorum);
    }

    [Fact]
    public void An_op_changes_nothing()
    {
        var before = _quorum;

        Apply(Message(1, 1), Service(2, 2, MessageType.NoOp), Service(3, 3, MessageType.SummaryAck, new SummaryAnswer(1, "h", null).ToMembers()));

        Assert.Same(before, _quorum);
    }

    [Fact]
    public void A_proposal_waits_for_the_minimum_and_is_approved_by_the_message_that_brings_it()
    {
        Apply(Propose(5, msn: 3, "{\"key\":\"code\",\"value\":2}"), Message(6, 4));

        Assert.Equal(5, Assert.Single(_quorum.Proposals).Key);
        Assert.Equal("1", Text(_quorum.Values["code"].Value));

        Apply(Message(7, 5));

        Assert.Empty(_quorum.Proposals);
        var value = _quorum.Values["code"];
        Assert.Equal(("2", 5, 7, -1), (Text(value.Value), value.SequenceNumber, value.ApprovalSequenceNumber, value.CommitSequenceNumber));
        Assert.Equal(7, _quorum.SequenceNumber);
    }

    [Fact]
    public void A_proposal_is_accepted_by_its_own_message_when_that_brings_the_minimum()
    {
        Apply(Propose(5, msn: 5, "{\"key\":\"k\",\"value\":null}"));

        Assert.Empty(_quorum.Proposals);
        Assert.Equal((5, 5), (_quorum.Values["k"].SequenceNumber, _quorum.Values["k"].ApprovalSequenceNumber));
    }

    [Fact]
    public void Of_several_proposals_only_those_at_or_below_the_minimum_are_accepted_and_the_later_wins()
    {
        Apply(
            Propose(1, 0, "{\"key\":\"a\",\"value\":1}"), Propose(2, 0, "{\"key\":\"a\",\"value\":2}"),
            Propose(3, 0, "{\"key\":\"a\",\"value\":3}"), Message(4, 2));

        Assert.Equal("2", Text(_quorum.Values["a"].Value));
        Assert.Equal([3L], _quorum.Proposals.Keys);
    }

    [Fact]
    public void A_join_may_bring_the_minimum_too()
    {
        Apply(Propose(1, 0, "{\"key\":\"k\",\"value\":1}"), Join(2, "A", msn: 1));

        Assert.Equal(2, _quorum.Values["k"].ApprovalSequenceNumber);
        Assert.Single(_quorum.Members);
    }

    [Theory]
    [InlineData("""{"key":"k","value":{"a": 1}}""", """{"a": 1}""")]
    [InlineData(""" "{\"key\":\"k\",\"value\":{\"a\": 1}}" """, """{"a": 1}""")]
    [InlineData("""{"value":1,"key":"k","value":2}""", "2")]
    public void A_proposal_is_an_object_or_the_text_of_one(string contents, string value)
    {
        Apply(Propose(1, 0, contents));

        var proposal = Assert.Single(_quorum.Proposals.Values);
        Assert.Equal(("k", 1, value), (proposal.Key, proposal.SequenceNumber, Text(proposal.Value)));
    }

    [Theory]
    [InlineData("{\"key\":\"k\"}")]
    [InlineData("{\"value\":1}")]
    [InlineData("{\"key\":1,\"value\":1}")]
    [InlineData("null")]
    [InlineData("\"k\"")]
    [InlineData("\"\"")]
    public void Other_contents_propose_nothing(string contents)
    {
        Apply(Propose(1, 0, contents));

        Assert.Empty(_quorum.Proposals);
    }

    internal static SequencedDocumentMessage Join(long sn, string clientId, long msn = 0) =>
        Service(sn, msn, MessageType.Join, SystemMessage.Join(clientId, Detail(clientId)));

    internal static SequencedDocumentMessage Leave(long sn, string clientId, long msn = 0) =>
        Service(sn, msn, MessageType.Leave, SystemMessage.Leave(clientId));

    internal static SequencedDocumentMessage Propose(long sn, long msn, string contents) =>
        Message(sn, msn, MessageType.Propose, members: Bytes($"\"contents\":{contents}"));

    private void Apply(params ReadOnlySpan<SequencedDocumentMessage> messages)
    {
        foreach (var message in messages)
        {
            _quorum = _quorum.After(message);
        }
    }
}
