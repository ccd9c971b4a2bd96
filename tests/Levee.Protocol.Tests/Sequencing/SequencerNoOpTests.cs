using static Levee.Protocol.Tests.Sample;
using static Levee.Protocol.Tests.SequencerTests;

namespace Levee.Protocol.Tests;

/// <summary>A no-op carries an RSN; whether it gets a number depends on its contents and on what the clients know.</summary>
public sealed class SequencerNoOpTests
{
    private readonly Sequencer _sequencer = new(0, 0);

    public SequencerNoOpTests()
    {
        _sequencer.Join("A", false, default, 0);
        _sequencer.Join("B", false, default, 0);
        // B knows all: whatever A says moves the MSN.
        Sequenced(_sequencer.Ticket("B", Op(1, 2), 0));
        Assert.Equal((3, 0), (_sequencer.SequenceNumber, _sequencer.MinimumSequenceNumber));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("\"\"")]
    [InlineData("{}")]
    [InlineData("\"null\"")]
    public void Sequences_a_noop_whose_contents_are_not_null_when_the_minimum_moved(string? contents)
    {
        var message = Sequenced(NoOp(1, 2, contents));

        Assert.Equal(("A", MessageType.NoOp), (message.ClientId, message.Type));
        Assert.Equal((4, 2, 2), (message.SequenceNumber, message.MinimumSequenceNumber, message.ReferenceSequenceNumber));
        Assert.False(_sequencer.HasPendingNoOp);
    }

    [Fact]
    public void Coalesces_a_noop_with_null_contents_though_the_minimum_moved()
    {
        Assert.Equal(TicketKind.Coalesced, NoOp(1, 2, "null").Kind);

        Assert.Equal((3, 2), (_sequencer.SequenceNumber, _sequencer.MinimumSequenceNumber));
        Assert.True(_sequencer.HasPendingNoOp);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("null")]
    [InlineData("{}")]
    public void Coalesces_a_noop_that_does_not_move_the_minimum(string? contents)
    {
        Assert.Equal(TicketKind.Coalesced, NoOp(1, 0, contents).Kind);

        Assert.Equal(3, _sequencer.SequenceNumber);
        Assert.False(_sequencer.HasPendingNoOp);
    }

    [Fact]
    public void A_coalesced_noop_consumes_the_csn()
    {
        NoOp(1, 0, "null");

        Assert.Equal(TicketKind.Duplicate, NoOp(1, 0, null).Kind);
        Assert.Equal(4, Sequenced(_sequencer.Ticket("A", Op(2, 0), 0)).SequenceNumber);
    }

    [Fact]
    public void A_noop_that_is_urgent_also_announces_what_was_coalesced_before()
    {
        NoOp(1, 2, "null");

        Assert.Equal(2, Sequenced(NoOp(2, 2, null)).MinimumSequenceNumber);
    }

    [Fact]
    public void A_noop_that_says_now_means_the_last_number()
    {
        var message = Sequenced(NoOp(1, Sequencer.Now, null));

        Assert.Equal((4, 3), (message.SequenceNumber, message.ReferenceSequenceNumber));
    }

    [Fact]
    public void The_service_announces_coalesced_noops_once()
    {
        NoOp(1, 2, "null");

        Assert.True(_sequencer.SequencePendingNoOp(5, out var message));
        Assert.Equal(
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":2,"referenceSequenceNumber":-1,"sequenceNumber":4,"timestamp":5,"type":"noop","contents":null}""",
            Text(Encode(message)));
        Assert.False(_sequencer.SequencePendingNoOp(6, out _));
        Assert.Equal(4, _sequencer.SequenceNumber);
    }

    [Fact]
    public void The_service_announces_nothing_when_another_message_did()
    {
        NoOp(1, 2, "null");
        Sequenced(_sequencer.Ticket("B", Op(2, 3), 0));

        Assert.False(_sequencer.SequencePendingNoOp(0, out _));
    }

    [Fact]
    public void A_noop_below_the_minimum_is_nacked_like_an_op()
    {
        NoOp(1, 2, null);

        Assert.Equal("Refseq 1 < 2", NoOp(2, 1, "null").Nack!.Content.Message);
    }

    [Fact]
    public void An_rsn_without_an_op_moves_the_minimum_and_no_csn()
    {
        _sequencer.UpdateReference("A", 2, 0);

        Assert.True(_sequencer.HasPendingNoOp);
        Assert.Equal(2, _sequencer.MinimumSequenceNumber);
        Sequenced(_sequencer.Ticket("A", Op(1, 2), 0));
    }

    [Theory]
    [InlineData("A", 4)]
    [InlineData("A", -1)]
    [InlineData("A", long.MinValue)]
    [InlineData("stranger", 2)]
    public void An_rsn_without_an_op_is_ignored_when_no_op_could_carry_it(string clientId, long rsn)
    {
        _sequencer.UpdateReference(clientId, rsn, 0);

        Assert.Equal(0, _sequencer.MinimumSequenceNumber);
        Assert.True(_sequencer.TryGetClient("A", out var client) && client.ReferenceSequenceNumber == 0);
    }

    [Fact]
    public void An_rsn_without_an_op_is_ignored_when_the_client_is_nacked()
    {
        NoOp(1, 2, null);
        NoOp(2, 1, null);

        _sequencer.UpdateReference("A", 4, 0);

        Assert.Equal(2, _sequencer.MinimumSequenceNumber);
    }

    private TicketOutcome NoOp(long csn, long rsn, string? contents) =>
        _sequencer.Ticket("A", Op(csn, rsn, MessageType.NoOp, contents), 0);
}
