using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Acknowledgements and refusals of summaries; their exact bytes are among those of <see cref="SequencedMessageTests"/>.</summary>
public sealed class SummaryAnswerTests
{
    [Theory]
    [InlineData("commit", null, "summaryAck")]
    [InlineData(null, "because \"of\" this\n", "summaryNack")]
    public void An_answer_is_read_back_as_it_was(string? handle, string? message, string type)
    {
        var answer = new SummaryAnswer(135, handle, message);

        Assert.Equal(type, answer.Type);
        Assert.Equal(answer, SummaryAnswer.Read(Service(136, 134, answer.Type, answer.ToMembers())));
    }

    [Fact]
    public void Another_message_is_no_answer()
    {
        var members = new SummaryAnswer(135, "commit", null).ToMembers();

        Assert.Null(SummaryAnswer.Read(Service(136, 134, MessageType.NoOp, members)));
        Assert.Null(SummaryAnswer.Read(Service(136, 134, MessageType.SummaryAck)));
        Assert.Null(SummaryAnswer.Read(Service(136, 134, MessageType.SummaryAck, Bytes("\"contents\":{}"))));
        Assert.Null(SummaryAnswer.Read(Service(136, 134, MessageType.SummaryAck, Bytes("\"contents\":{\"summaryProposal\":5}"))));
    }
}
