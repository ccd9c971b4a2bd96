using Levee.Gateway.Phoenix;
using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class PhoenixSlowConsumerTests
{
    private static readonly byte[] Block = [(byte)'"', .. Enumerable.Repeat((byte)'x', 64 * 1024), (byte)'"'];

    [Fact]
    public async Task A_slow_reader_is_cut_and_told_why_while_others_receive_everything()
    {
        await using var server = await PhoenixServer.StartAsync(o =>
        {
            o.OutboxBytes = 1024 * 1024;
            o.CloseTimeout = TimeSpan.FromSeconds(60);
        });
        await using var slow = await server.ConnectAsync("2.0.0");
        await slow.JoinAsync("echo:slow");
        await using var quick = await server.ConnectAsync("2.0.0");
        await quick.JoinAsync("echo:quick");
        await FloodAsync(server, quick);

        Assert.Equal(("echo:slow", ChannelCloseReason.SlowConsumer), await server.Hub.NextLeaveAsync());
        var (status, reason) = await slow.ReceiveCloseAsync();
        Assert.Equal(1013, status);
        Assert.Matches(@"^slow consumer: \d+ bytes were waiting; reconnect and catch up$", reason);
        await quick.HeartbeatAsync();
    }

    [Fact]
    public async Task A_reader_that_never_reads_is_aborted_after_the_close_timeout()
    {
        await using var server = await PhoenixServer.StartAsync(o =>
        {
            o.OutboxBytes = 1024 * 1024;
            o.CloseTimeout = TimeSpan.FromMilliseconds(200);
        });
        await using var slow = await server.ConnectAsync("3.0.0");
        await slow.JoinAsync("echo:slow");
        await using var quick = await server.ConnectAsync("2.0.0");
        await quick.JoinAsync("echo:quick");
        await FloodAsync(server, quick);
        Assert.Equal(ChannelCloseReason.SlowConsumer, (await server.Hub.NextLeaveAsync()).Reason);
        await Eventually.IsTrueAsync(() => server.Registry.Count == 1, "the slow socket is gone");
        await quick.HeartbeatAsync();
    }

    [Fact]
    public async Task A_sender_that_waits_for_room_sends_any_amount_to_a_reader_of_any_speed()
    {
        const int Frames = 200;
        await using var server = await PhoenixServer.StartAsync(o => o.OutboxBytes = 256 * 1024);
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:bulk");
        var context = server.Hub.Member("echo:bulk");
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Frames; i++)
            {
                using var turn = await context.TakeTurnAsync(context.Aborted);
                Assert.NotNull(turn);
                Assert.True(context.Push($"{i}", Block));
                Assert.InRange(context.QueuedBytes, 0, 256 * 1024);
            }
        }, TestContext.Current.CancellationToken);
        for (var i = 0; i < Frames; i++)
        {
            Assert.Equal($"{i}", (await client.ReceiveAsync()).Event);
        }

        await sending;
    }

    // Everyone gets the same; the quick one reads before the next comes, so only the slow one falls behind.
    private static async Task FloodAsync(PhoenixServer server, PhoenixTestClient quick)
    {
        var slow = server.Hub.Member("echo:slow");
        for (var i = 0; i < 2000 && !slow.Aborted.IsCancellationRequested; i++)
        {
            server.Hub.Broadcast("block", Block);
            Assert.Equal("block", (await quick.ReceiveAsync()).Event);
        }

        Assert.False(slow.Push("one more", "{}"u8));
    }
}
