using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The JSON of a refusal.</summary>
public sealed class NackTests
{
    [Fact]
    public void A_nack_from_the_sequencer_holds_the_op_as_it_was_sent()
    {
        var op = Read("""{"metadata":{"batch": true},"clientSequenceNumber":5,"contents":"1","referenceSequenceNumber":1,"type":"op"}""");

        Assert.Equal(
            """{"operation":{"clientSequenceNumber":5,"referenceSequenceNumber":1,"type":"op","metadata":{"batch": true},"contents":"1"},"sequenceNumber":7,"content":{"code":400,"type":"BadRequestError","message":"Gap detected in incoming op"}}""",
            new Nack(op, 7, NackContent.BadRequest("Gap detected in incoming op")).Write());
    }

    [Fact]
    public void An_op_without_members_is_written_too() => Assert.Equal(
        """{"operation":{"clientSequenceNumber":5,"referenceSequenceNumber":-1,"type":"a \"b\""},"sequenceNumber":0,"content":{"code":403,"type":"InvalidScopeError","message":"m"}}""",
        new Nack(Op(5, -1, "a \"b\"", contents: null), 0, NackContent.InvalidScope("m")).Write());

    [Fact]
    public void A_nack_before_sequencing_has_no_op_and_no_number() => Assert.Equal(
        """{"operation":null,"sequenceNumber":-1,"content":{"code":413,"type":"BadRequestError","message":"Op size too large"}}""",
        Nack.BeforeSequencing(NackContent.TooLarge("Op size too large")).Write());

    [Fact]
    public void A_throttled_client_is_told_when_to_come_back() => Assert.Equal(
        """{"operation":null,"sequenceNumber":-1,"content":{"code":429,"type":"ThrottlingError","message":"Too fast","retryAfter":3}}""",
        Nack.BeforeSequencing(new NackContent(429, NackErrorType.Throttling, "Too fast", 3)).Write());

    [Fact]
    public void The_types_are_those_that_stock_clients_know() => Assert.Equal(
        ["BadRequestError", "InvalidScopeError", "ThrottlingError", "LimitExceededError"],
        [NackErrorType.BadRequest, NackErrorType.InvalidScope, NackErrorType.Throttling, NackErrorType.LimitExceeded]);
}
