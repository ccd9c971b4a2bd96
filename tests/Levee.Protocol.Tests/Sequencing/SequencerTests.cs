using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The rules of ticketing, one by one and in their order.</summary>
public sealed class SequencerTests
{
    private readonly Sequencer _sequencer = new(0, 0);

    public SequencerTests() => Join("A");

    [Fact]
    public void Gives_the_next_number_to_an_op_and_passes_its_members_on()
    {
        var message = Sequenced(Ticket("A", Op(1, 1, contents: "\"hello\""), now: 77));

        Assert.Equal(
            """{"clientId":"A","clientSequenceNumber":1,"minimumSequenceNumber":1,"referenceSequenceNumber":1,"sequenceNumber":2,"timestamp":77,"type":"op","contents":"hello"}""",
            Text(Encode(message)));
        Assert.Equal(2, _sequencer.SequenceNumber);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void Drops_a_csn_that_is_not_above_the_last_one(long csn)
    {
        Sequenced(Ticket("A", Op(1, 0)));

        var outcome = Ticket("A", Op(csn, 0));

        Assert.Equal(TicketKind.Duplicate, outcome.Kind);
        Assert.Null(outcome.Nack);
        Assert.Equal(2, _sequencer.SequenceNumber);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(long.MaxValue)]
    public void Nacks_a_gap_in_the_csn(long csn)
    {
        AssertNack(Ticket("A", Op(csn, 0)), 400, "BadRequestError", "Gap detected in incoming op");
        Assert.Equal(1, _sequencer.SequenceNumber);
    }

    [Fact]
    public void A_gap_does_not_consume_the_csn_so_that_the_missing_op_may_still_come()
    {
        Ticket("A", Op(2, 0));

        Sequenced(Ticket("A", Op(1, 0)));
        Sequenced(Ticket("A", Op(2, 0)));
    }

    [Theory]
    [InlineData("join")]
    [InlineData("leave")]
    [InlineData("summaryAck")]
    [InlineData("summaryNack")]
    [InlineData("noClient")]
    [InlineData("control")]
    public void Nacks_the_types_that_only_the_service_may_send(string type) =>
        AssertNack(Ticket("A", Op(1, 0, type)), 400, "BadRequestError", "Op not allowed");

    [Theory]
    [InlineData("propose")]
    [InlineData("reject")]
    [InlineData("accept")]
    [InlineData("Join")]
    [InlineData("anything else")]
    public void Sequences_every_other_type(string type) => Assert.Equal(type, Sequenced(Ticket("A", Op(1, 0, type))).Type);

    [Theory]
    [InlineData("op", true)]
    [InlineData("propose", true)]
    [InlineData("accept", true)]
    [InlineData("summarize", false)]
    [InlineData("noop", false)]
    public void Where_ops_are_refused_for_now_only_a_summary_and_a_no_op_are_taken(string type, bool isRefused)
    {
        Join("S", maySummarize: true);
        var refusal = NackContent.Throttling("Later", 10);

        var outcome = _sequencer.Ticket("S", Op(1, 1, type), 0, refusal);

        Assert.Equal(isRefused ? refusal : null, outcome.Nack?.Content);
        if (isRefused)
        {
            // It did not happen: the same op may come again.
            Sequenced(Ticket("S", Op(1, 1, type)));
        }
    }

    [Fact]
    public void Nacks_a_client_that_is_not_in_the_session() =>
        AssertNack(Ticket("stranger", Op(1, 0)), 400, "BadRequestError", "Nonexistent client");

    [Fact]
    public void Nacks_a_client_that_has_left()
    {
        Assert.True(_sequencer.TryLeave("A", default, 0, out _));

        AssertNack(Ticket("A", Op(1, 0)), 400, "BadRequestError", "Nonexistent client");
    }

    [Fact]
    public void Nacks_an_op_below_the_minimum_sequence_number()
    {
        RaiseMinimumTo(3);

        AssertNack(Ticket("A", Op(2, 2)), 400, "BadRequestError", "Refseq 2 < 3");
    }

    [Fact]
    public void Nacks_everything_after_an_op_below_the_minimum_sequence_number()
    {
        RaiseMinimumTo(3);
        Ticket("A", Op(2, 2));

        AssertNack(Ticket("A", Op(3, 3)), 400, "BadRequestError", "Nonexistent client");
        AssertNack(Ticket("A", Op(3, -1)), 400, "BadRequestError", "Nonexistent client");
        AssertNack(Ticket("A", Op(3, 3, MessageType.NoOp)), 400, "BadRequestError", "Nonexistent client");
        Assert.True(_sequencer.TryGetClient("A", out var client) && client.IsNacked);
    }

    [Fact]
    public void A_nacked_client_that_joins_anew_may_submit()
    {
        RaiseMinimumTo(3);
        Ticket("A", Op(2, 2));
        _sequencer.TryLeave("A", default, 0, out _);
        Join("A");

        Sequenced(Ticket("A", Op(1, _sequencer.MinimumSequenceNumber)));
    }

    [Fact]
    public void Takes_an_rsn_equal_to_the_minimum_sequence_number()
    {
        RaiseMinimumTo(3);

        Sequenced(Ticket("A", Op(2, 3)));
    }

    [Fact]
    public void Takes_an_rsn_of_minus_one_as_the_ops_own_number()
    {
        var message = Sequenced(Ticket("A", Op(1, Sequencer.Now)));

        Assert.Equal((2, 2, 2), (message.SequenceNumber, message.ReferenceSequenceNumber, message.MinimumSequenceNumber));
    }

    [Fact]
    public void Nacks_an_rsn_from_the_future_and_leaves_the_client_alone()
    {
        AssertNack(Ticket("A", Op(1, 2)), 400, "BadRequestError", "Refseq 2 is not between -1 and 1");

        Sequenced(Ticket("A", Op(1, 1)));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(long.MinValue)]
    public void Nacks_an_rsn_below_minus_one(long rsn) => AssertNack(
        Ticket("A", Op(1, rsn)), 400, "BadRequestError", $"Refseq {rsn} is not between -1 and 1");

    [Fact]
    public void Nacks_a_summarize_without_the_scope() => AssertNack(
        Ticket("A", Op(1, 0, MessageType.Summarize)), 403, "InvalidScopeError", "Client A does not have summary permission");

    [Fact]
    public void Sequences_a_summarize_with_the_scope()
    {
        Join("S", maySummarize: true);

        Assert.Equal(MessageType.Summarize, Sequenced(Ticket("S", Op(1, 1, MessageType.Summarize))).Type);
    }

    [Fact]
    public void Checks_the_csn_before_the_type()
    {
        Assert.Equal(TicketKind.Duplicate, Ticket("A", Op(0, 0, MessageType.Join)).Kind);
        AssertNack(Ticket("A", Op(2, 0, MessageType.Join)), 400, "BadRequestError", "Gap detected in incoming op");
    }

    [Fact]
    public void Checks_the_type_before_the_client() =>
        AssertNack(Ticket("stranger", Op(9, 0, MessageType.Join)), 400, "BadRequestError", "Op not allowed");

    [Fact]
    public void Checks_the_client_before_the_rsn() =>
        AssertNack(Ticket("stranger", Op(1, 99)), 400, "BadRequestError", "Nonexistent client");

    [Fact]
    public void Checks_the_rsn_before_the_scope()
    {
        RaiseMinimumTo(3);

        AssertNack(Ticket("A", Op(2, 2, MessageType.Summarize)), 400, "BadRequestError", "Refseq 2 < 3");
    }

    [Fact]
    public void A_nack_carries_the_op_and_the_minimum_sequence_number()
    {
        RaiseMinimumTo(3);
        var op = Op(2, 2);

        var nack = Ticket("A", op).Nack!;

        Assert.Equal(op, nack.Operation);
        Assert.Equal(3, nack.SequenceNumber);
    }

    [Fact]
    public void The_timestamp_never_goes_back()
    {
        Assert.Equal(500, Sequenced(Ticket("A", Op(1, 0), now: 500)).Timestamp);
        Assert.Equal(500, Sequenced(Ticket("A", Op(2, 0), now: 400)).Timestamp);
        Assert.Equal(501, Sequenced(Ticket("A", Op(3, 0), now: 501)).Timestamp);
    }

    internal static SequencedDocumentMessage Sequenced(TicketOutcome outcome)
    {
        Assert.Equal(TicketKind.Sequenced, outcome.Kind);
        return outcome.Message;
    }

    private static void AssertNack(TicketOutcome outcome, int code, string type, string message)
    {
        Assert.Equal(TicketKind.Nacked, outcome.Kind);
        Assert.Equal(new NackContent(code, type, message), outcome.Nack!.Content);
    }

    private void RaiseMinimumTo(long number)
    {
        Join("helper");
        _sequencer.SequenceService(MessageType.NoOp, default, 0);
        Sequenced(Ticket("A", Op(1, number)));
        _sequencer.TryLeave("helper", default, 0, out _);
        Assert.Equal(number, _sequencer.MinimumSequenceNumber);
    }

    private void Join(string clientId, bool maySummarize = false) => _sequencer.Join(clientId, maySummarize, default, 0);

    private TicketOutcome Ticket(string clientId, DocumentMessage op, long now = 0) => _sequencer.Ticket(clientId, op, now);
}
