using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class ChannelClientTests
{
    [Theory]
    [InlineData(ChannelFormat.Json)]
    [InlineData(ChannelFormat.MessagePack)]
    [InlineData(ChannelFormat.Legacy)]
    public async Task Speaks_each_form_of_the_protocol(ChannelFormat format)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: cancellation);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: cancellation);
        var tenant = TestTenants.Default;
        await using var channel = await ChannelClient.ConnectAsync(server.Url, format, cancellation);

        var beat = await channel.PushAsync("phoenix", "heartbeat", cancellationToken: cancellation);
        await channel.ExpectReplyAsync(beat, "ok", cancellationToken: cancellation);
        var welcome = await channel.ConnectDocumentAsync(tenant.Id, id, TestTokens.FullAccess(id), cancellationToken: cancellation);
        var submission = await channel.PushAsync($"document:{tenant.Id}:{id}", "submitOp", new
        {
            clientId = welcome.GetProperty("clientId").GetString(),
            messageBatches = new[] { new[] { new { type = "op", contents = "x", clientSequenceNumber = 1, referenceSequenceNumber = 1 } } },
        }, cancellation);

        await channel.ExpectReplyAsync(submission, "ok", cancellationToken: cancellation);
        var op = await channel.ExpectPushAsync("op", frame => frame.Payload.GetRawText().Contains("\"x\"", StringComparison.Ordinal), cancellationToken: cancellation);
        Assert.Null(op.Ref);
    }

    [Fact]
    public async Task Failures_show_the_last_frames()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: cancellation);
        await using var channel = await ChannelClient.ConnectAsync(server.Url, cancellationToken: cancellation);
        var reference = await channel.PushJoinAsync("nonsense", cancellationToken: cancellation);

        var failure = await Assert.ThrowsAsync<ChannelExpectationException>(
            () => channel.ExpectReplyAsync(reference, "ok", cancellationToken: cancellation));
        Assert.Contains("[8, 1001, nonsense, phx_reply,", failure.Message, StringComparison.Ordinal);

        var again = await channel.PushJoinAsync("nonsense", cancellationToken: cancellation);
        await Assert.ThrowsAsync<ChannelExpectationException>(() => channel.RefutePushAsync(
            "phx_reply", TimeSpan.FromSeconds(10), frame => frame.Ref == again, cancellation));
    }
}
