using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>What a document may hold after its last summary, where that is bounded.</summary>
public sealed class OverdueSummaryTests
{
    [Fact]
    public async Task Ops_are_nacked_until_there_is_a_summary()
    {
        await using var document = await StartAsync(configure: options => options.MaxOpsSinceSummary = 4);
        await document.WriteAsync(Op(1, 1), Op(2, 1), Op(3, 1));
        foreach (var type in new[] { MessageType.Op, MessageType.Propose, "accept" })
        {
            await document.Connection.SubmitAsync(Ops(Op(4, 1, type: type)));
            await document.Client.Until(() => document.Client.Answers.Any(nacks => nacks.Count > 0 && nacks[0].Operation!.Value.Type == type));
            var nack = document.Client.Answers[^1][0];
            Assert.Equal(new NackContent(429, "ThrottlingError", "Submit a summary before inserting additional operations", 10), nack.Content);
        }

        // The nacks took no number, and neither a no-op nor a summary is refused; with that, ops are taken again.
        document.Client.ForgetAnswers();
        await document.Connection.SubmitAsync(Ops(Op(4, 2, contents: "null", type: "noop")));
        await document.AcknowledgedAsync(Summarize(5, await document.UploadAsync("one"), null, reference: 4));
        await document.WriteAsync(Op(6, 4));
    }

    [Fact]
    public async Task A_submission_that_crosses_the_bound_is_sequenced_whole_and_the_next_refused_whole()
    {
        await using var document = await StartAsync(configure: options => options.MaxOpsSinceSummary = 4);
        // Cut in two, a batch would have its begin in the log and its end nowhere: no stock client could load the document any more.
        await document.WriteAsync(Op(1, 1), Op(2, 1), Op(3, 1), Op(4, 1), Op(5, 1), Op(6, 1));
        await document.Connection.SubmitAsync(Ops(Op(7, 1), Op(8, 1)));
        await document.Client.Until(() => document.Client.Answers.Any(nacks => nacks.Count > 0));
        Assert.Equal([7, 8], document.Client.Answers[^1].Select(nack => nack.Operation!.Value.ClientSequenceNumber));
        Assert.Equal(429, document.Client.Answers[^1][0].Content.Code);
        Assert.Equal(7, document.Client.Numbers.Max());

        document.Client.ForgetAnswers();
        await document.AcknowledgedAsync(Summarize(7, await document.UploadAsync("one"), null, reference: 7));
        await document.WriteAsync(Op(8, 7), Op(9, 7));
    }

    [Fact]
    public async Task A_summarize_op_is_taken_from_a_submission_whose_other_ops_are_refused()
    {
        await using var document = await StartAsync(configure: options => options.MaxOpsSinceSummary = 4);
        await document.WriteAsync(Op(1, 1), Op(2, 1), Op(3, 1));
        await document.Connection.SubmitAsync(Ops(Summarize(4, await document.UploadAsync("one"), null, reference: 4), Op(5, 4)));
        await document.Client.Until(() => document.Client.Answers.Any(nacks => nacks.Count > 0) && document.Answers.Count > 0);
        var nack = Assert.Single(document.Client.Answers[^1]);
        Assert.Equal((5, 429), (nack.Operation!.Value.ClientSequenceNumber, nack.Content.Code));
        Assert.NotNull(document.Answers[^1].Handle);
    }

    [Fact]
    public async Task What_is_counted_survives_a_restart()
    {
        await using var document = await StartAsync(configure: options => options.MaxOpsSinceSummary = 4);
        await document.WriteAsync(Op(1, 1), Op(2, 1), Op(3, 1));
        await document.RestartAsync();
        await document.Connection.SubmitAsync(Ops(Op(1)));
        await document.Client.Until(() => document.Client.Answers.Any(nacks => nacks.Count > 0));
        Assert.Equal(429, document.Client.Answers[^1][0].Content.Code);
    }

    [Fact]
    public async Task Without_the_setting_nothing_is_refused()
    {
        await using var document = await StartAsync();
        await document.WriteAsync([.. Enumerable.Range(1, 50).Select(i => Op(i))]);
    }

    [Theory]
    [InlineData(5, "Gap detected in incoming op")]
    [InlineData(4, "Submit a summary before inserting additional operations")]
    public async Task What_is_wrong_with_an_op_comes_first(long number, string message)
    {
        await using var document = await StartAsync(configure: options => options.MaxOpsSinceSummary = 4);
        await document.WriteAsync(Op(1, 1), Op(2, 1), Op(3, 1));
        await document.Connection.SubmitAsync(Ops(Op(3, 1), Op(number, 1)));
        await document.Client.Until(() => document.Client.Answers.Any(nacks => nacks.Count > 0));
        // The repeat before it is dropped, as always.
        Assert.Equal(message, Assert.Single(document.Client.Answers[^1]).Content.Message);
    }
}
