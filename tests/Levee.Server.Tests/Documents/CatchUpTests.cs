using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>
/// <c>lastSeenSequenceNumber</c> and <c>requestOps</c>: what was missed comes as <c>op</c> events, with neither hole nor repeat.
/// </summary>
public sealed class CatchUpTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, InEachFormat]
    public async Task What_was_missed_comes_first_and_what_is_new_follows(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await writer.WriteAsync(writer.Op("2"), writer.Op("3"), writer.Op("4"));
        await using var late = await document.ConnectAsync(mode: "read", lastSeen: 2, format: format);
        Assert.Equal(4, late.Connected.Number("checkpointSequenceNumber"));
        await writer.WriteAsync(writer.Op("5"));

        Assert.Equal([3, 4, 5], (await late.ReceiveThroughAsync(5)).SequenceNumbers());
    }

    [Fact]
    public async Task Without_a_last_seen_number_nothing_old_comes()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await writer.WriteAsync(writer.Op());
        await using var late = await document.ConnectAsync();
        Assert.Equal([3], (await late.ReceiveThroughAsync(3)).SequenceNumbers());
        Assert.True(late.Received[0].IsJoinOf(late.Id));
    }

    [Fact]
    public async Task A_client_that_has_seen_everything_gets_only_what_is_new()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync();
        await writer.WriteAsync(writer.Op());
        await using var late = await document.ConnectAsync(mode: "read", lastSeen: 2);
        await writer.WriteAsync(writer.Op());
        Assert.Equal([3], (await late.ReceiveThroughAsync(3)).SequenceNumbers());
    }

    [Theory, InEachFormat]
    public async Task RequestOps_answers_with_every_op_after_from(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var writer = await document.ConnectAsync(format: format);
        await writer.WriteAsync(writer.Op("2"), writer.Op("3"));
        await writer.ReceiveThroughAsync(3);
        writer.Received.Clear();

        var reply = await writer.AskAsync("requestOps", new { from = 1 });
        Assert.Equal("ok", reply.Status);
        Assert.Equal([2, 3], (await writer.ReceiveThroughAsync(3)).SequenceNumbers());
        await writer.WriteAsync(writer.Op("4"));
        Assert.Equal([2, 3, 4], (await writer.ReceiveThroughAsync(4)).SequenceNumbers());
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"from":"1"}""")]
    [InlineData("""{"from":-1}""")]
    [InlineData("""{"from":1.5}""")]
    [InlineData("""[1]""")]
    public async Task A_malformed_requestOps_is_refused_and_hurts_nobody(string payload)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await document.ConnectAsync();
        var reply = await client.ReplyAsync(await client.PushRawAsync("requestOps", payload));
        Assert.Equal(("error", "malformed"), (reply.Status, reply.Response.Text("reason")));
        await client.WriteAsync(client.Op());
    }
}
