using static Levee.Protocol.Tests.Sample;
using static Levee.Protocol.Tests.SequencerTests;

namespace Levee.Protocol.Tests;

/// <summary>Write clients come, hold the MSN down, and go.</summary>
public sealed class SequencerClientsTests
{
    private readonly Sequencer _sequencer = new(0, 0);

    [Fact]
    public void A_join_is_a_message_of_the_service_and_starts_at_the_minimum()
    {
        var message = _sequencer.Join("A", false, Bytes("\"contents\":null"), 9);

        Assert.Equal(
            """{"clientId":null,"clientSequenceNumber":-1,"minimumSequenceNumber":0,"referenceSequenceNumber":-1,"sequenceNumber":1,"timestamp":9,"type":"join","contents":null}""",
            Text(Encode(message)));
        var client = Assert.Single(_sequencer.Clients);
        Assert.Equal(("A", 0, 0, 9), (client.ClientId, client.ClientSequenceNumber, client.ReferenceSequenceNumber, client.LastActive));
    }

    [Fact]
    public void A_leave_is_a_message_of_the_service_and_the_last_one_raises_the_minimum_to_its_number()
    {
        _sequencer.Join("A", false, default, 0);

        Assert.True(_sequencer.TryLeave("A", default, 0, out var message));

        Assert.Equal((MessageType.Leave, 2, 2), (message.Type, message.SequenceNumber, message.MinimumSequenceNumber));
        Assert.Empty(_sequencer.Clients);
    }

    [Fact]
    public void Leaving_twice_is_no_error_and_no_message()
    {
        _sequencer.Join("A", false, default, 0);
        _sequencer.TryLeave("A", default, 0, out _);

        Assert.False(_sequencer.TryLeave("A", default, 0, out _));
        Assert.False(_sequencer.TryLeave("never here", default, 0, out _));
        Assert.Equal(2, _sequencer.SequenceNumber);
    }

    [Fact]
    public void The_leave_of_the_slowest_client_raises_the_minimum_to_the_next_slowest()
    {
        _sequencer.Join("slow", false, default, 0);
        _sequencer.Join("fast", false, default, 0);
        Sequenced(_sequencer.Ticket("fast", Op(1, 2), 0));

        _sequencer.TryLeave("slow", default, 0, out var message);

        Assert.Equal((4, 2), (message.SequenceNumber, message.MinimumSequenceNumber));
    }

    [Fact]
    public void A_join_or_leave_of_another_resets_nobodys_numbers()
    {
        _sequencer.Join("A", false, default, 0);
        Sequenced(_sequencer.Ticket("A", Op(1, 1), 0));
        _sequencer.Join("B", false, default, 0);
        _sequencer.TryLeave("B", default, 0, out _);

        Assert.Equal(TicketKind.Duplicate, _sequencer.Ticket("A", Op(1, 1), 0).Kind);
        Assert.Equal(1, _sequencer.MinimumSequenceNumber);
    }

    [Fact]
    public void Without_write_clients_the_minimum_is_the_number_of_each_service_message()
    {
        var message = _sequencer.SequenceService(MessageType.NoClient, default, 0);

        Assert.Equal((1, 1, -1), (message.SequenceNumber, message.MinimumSequenceNumber, message.ReferenceSequenceNumber));
    }

    [Fact]
    public void Continues_after_the_number_it_starts_from()
    {
        var sequencer = new Sequencer(134, 86);

        var message = sequencer.Join("A", false, default, 0);

        Assert.Equal((135, 86), (message.SequenceNumber, message.MinimumSequenceNumber));
    }

    [Fact]
    public void Names_the_clients_that_were_silent_since_before_the_deadline()
    {
        _sequencer.Join("silent", false, default, 100);
        _sequencer.Join("submits", false, default, 100);
        _sequencer.Join("noops", false, default, 100);
        _sequencer.Join("refers", false, default, 100);
        _sequencer.Join("late", false, default, 200);
        _sequencer.Ticket("submits", Op(1, 0), 200);
        _sequencer.Ticket("noops", Op(1, 0, MessageType.NoOp, "null"), 200);
        _sequencer.UpdateReference("refers", 3, 200);

        Assert.Equal(["silent"], _sequencer.SilentSince(200));
        Assert.Empty(_sequencer.SilentSince(100));
    }
}
