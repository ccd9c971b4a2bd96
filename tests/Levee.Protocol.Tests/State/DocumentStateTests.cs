using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>What a document's messages add up to.</summary>
public sealed class DocumentStateTests
{
    private readonly DocumentState _state = DocumentState.Initial(0, []);

    [Fact]
    public void A_summarize_waits_for_its_answer_with_the_quorum_of_its_rsn()
    {
        JoinSummarizer("S");
        JoinSummarizer("later");

        Summarize("S", csn: 1, rsn: 1);

        var pending = Assert.Single(_state.PendingSummaries);
        Assert.Equal((3, 1, "{\"handle\":\"h\"}"), (pending.SequenceNumber, pending.ReferenceSequenceNumber, Text(pending.Contents)));
        Assert.Equal(["S"], pending.Quorum.Members.Values.Select(member => member.ClientId));
    }

    [Fact]
    public void A_summarize_that_says_now_holds_what_its_own_number_did_to_the_quorum()
    {
        JoinSummarizer("S");
        Assert.Equal(TicketKind.Sequenced, _state.Ticket("S", Op(1, 1, MessageType.Propose, """{"key":"k","value":1}"""), 0).Kind);
        Assert.Single(_state.Quorum.Proposals);

        Summarize("S", csn: 2, rsn: Sequencer.Now);

        var quorum = Assert.Single(_state.PendingSummaries).Quorum;
        Assert.Empty(quorum.Proposals);
        Assert.Equal((2, 3), (quorum.Values["k"].SequenceNumber, quorum.Values["k"].ApprovalSequenceNumber));
    }

    [Fact]
    public void An_acknowledged_summary_is_the_last_one_and_no_longer_pending()
    {
        JoinSummarizer("S");
        Summarize("S", 1, 1);

        var message = _state.Answer(new SummaryAnswer(2, "commit", null), 0);

        Assert.Equal((MessageType.SummaryAck, 3), (message.Type, message.SequenceNumber));
        Assert.Equal(new AcknowledgedSummary("commit", 1, 2), _state.LastSummary);
        Assert.Empty(_state.PendingSummaries);
    }

    [Fact]
    public void A_refused_summary_is_no_longer_pending_and_leaves_the_last_one()
    {
        JoinSummarizer("S");
        Summarize("S", 1, 1);

        Assert.Equal(MessageType.SummaryNack, _state.Answer(new SummaryAnswer(2, null, "no"), 0).Type);

        Assert.Null(_state.LastSummary);
        Assert.Empty(_state.PendingSummaries);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    public void A_summarize_that_covers_no_more_than_the_last_acknowledged_one_gets_no_answer(long rsn, int pending)
    {
        JoinSummarizer("S");
        Summarize("S", 1, 1);
        _state.Answer(new SummaryAnswer(2, "commit", null), 0);

        Summarize("S", 2, rsn);

        Assert.Equal(pending, _state.PendingSummaries.Count);
    }

    [Fact]
    public void Two_summaries_at_once_are_both_to_be_answered_in_order()
    {
        JoinSummarizer("S");
        Summarize("S", 1, 1);
        Summarize("S", 2, 1);

        Assert.Equal([2, 3], _state.PendingSummaries.Select(pending => pending.SequenceNumber));
    }

    [Theory]
    [InlineData("\"{\\\"\\\\ud800\\\":1}\"")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("\"no json\"")]
    [InlineData("[1]")]
    [InlineData(null)]
    public void A_proposal_that_can_not_be_read_is_sequenced_and_proposes_nothing(string? contents)
    {
        _state.Join("A", Detail(), false, 0);

        Assert.Equal(TicketKind.Sequenced, _state.Ticket("A", Op(1, 0, MessageType.Propose, contents), 0).Kind);

        Assert.Empty(_state.Quorum.Proposals);
        Assert.Empty(_state.Quorum.Values);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Replay_refuses_a_message_that_is_not_the_next(long number)
    {
        var message = Encode(Service(number + 1, 0, MessageType.NoOp)).ToArray();
        var wrong = Bytes(Text(message).Replace($"\"sequenceNumber\":{number + 1}", $"\"sequenceNumber\":{number}"));

        var e = Assert.Throws<MalformedMessageException>(() => _state.Replay(wrong));

        Assert.NotEmpty(e.Message);
        Assert.Equal(0, _state.SequenceNumber);
    }

    [Theory]
    [InlineData("join", "\"data\":\"no json\"")]
    [InlineData("join", "\"data\":\"{\"")]
    [InlineData("join", "\"data\":")]
    [InlineData("leave", "\"data\":\"no json\"")]
    [InlineData("leave", "\"data\":\"")]
    [InlineData("summaryAck", "\"contents\":{")]
    [InlineData("summaryAck", "\"contents\":{\"summaryProposal\":{\"summarySequenceNumber\":\"1\"}}")]
    [InlineData("summarize", "\"contents\":{")]
    public void Replay_refuses_a_damaged_message_by_the_named_exception(string type, string members) =>
        Assert.Throws<MalformedMessageException>(() => _state.Replay(Encode(Service(1, 0, type, Bytes(members)))));

    [Fact]
    public void Replay_takes_a_second_join_of_the_same_client_as_damage()
    {
        var join = SystemMessage.Join("A", Detail());
        _state.Replay(Encode(Service(1, 0, MessageType.Join, join)));

        Assert.Throws<MalformedMessageException>(() => _state.Replay(Encode(Service(2, 0, MessageType.Join, join))));
    }

    private void JoinSummarizer(string clientId) => _state.Join(clientId, Detail(clientId, summarizer: true), true, 0);

    private void Summarize(string clientId, long csn, long rsn) => Assert.Equal(
        TicketKind.Sequenced, _state.Ticket(clientId, Op(csn, rsn, MessageType.Summarize, "{\"handle\":\"h\"}"), 0).Kind);
}
