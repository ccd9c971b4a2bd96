using System.Net.WebSockets;
using Levee.Gateway.Tests.Sockets;
using Levee.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class EngineHeartbeatTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(25);
    private static readonly TimeSpan PongTimeout = TimeSpan.FromSeconds(20);

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_answers_is_asked_again_and_one_that_does_not_is_gone_with_a_leave()
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(time: time);
        await using var alive = await server.ConnectAsync();
        await using var dead = await server.ConnectAsync();
        alive.AnswersPings = dead.AnswersPings = false;
        for (var i = 0; i < 3; i++)
        {
            time.Advance(Interval);
            Assert.Equal("2", await alive.ExpectPacketAsync("2", cancellationToken: Test));
            await alive.SendAsync("3", Test);
            await alive.EmitWithAcknowledgementAsync("ping");
            if (i == 0)
            {
                await dead.ExpectPacketAsync("2", cancellationToken: Test);
                await dead.SendAsync("3", Test);
                await dead.EmitWithAcknowledgementAsync("ping");
            }
            else if (i == 1)
            {
                await dead.ExpectPacketAsync("2", cancellationToken: Test);
            }
        }

        Assert.Equal(WebSocketCloseStatus.PolicyViolation, await dead.ExpectCloseAsync(cancellationToken: Test));
        Assert.Equal("no pong came in time", dead.CloseReason);
        Assert.Equal(dead.Id, await server.Hub.NextLeaveAsync());
        Assert.Empty(await alive.EmitWithAcknowledgementAsync("ping"));
    }

    [Fact]
    public async Task A_pong_is_awaited_for_its_whole_time_and_no_longer()
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(time: time);
        await using var client = await server.ConnectAsync();
        client.AnswersPings = false;
        time.Advance(Interval);
        await client.ExpectPacketAsync("2", cancellationToken: Test);
        time.Advance(PongTimeout - TimeSpan.FromSeconds(3));
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
        time.Advance(TimeSpan.FromSeconds(3));
        await client.ExpectCloseAsync(cancellationToken: Test);
    }

    [Fact]
    public async Task By_polling_a_ping_waits_for_the_poll_and_its_loss_ends_the_session()
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(time: time);
        var sid = await server.ConnectPollingAsync();
        time.Advance(Interval);
        Assert.Equal((200, "2"), await server.PollAsync(sid));
        Assert.Equal((200, "ok"), await server.PostAsync(sid, "3"));
        time.Advance(Interval);
        Assert.Equal((200, "2"), await server.PollAsync(sid));
        time.Advance(PongTimeout);
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
        Assert.Equal(400, (await server.PollAsync(sid)).Status);
    }

    [Fact]
    public async Task A_client_is_not_blamed_for_a_handler_that_takes_long()
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(time: time);
        await using var client = await server.ConnectAsync();
        await client.EmitAsync("wait");
        await Eventually.IsTrueAsync(() => server.Hub.Waits == 1, "the handler waits");
        time.Advance(Interval);
        time.Advance(PongTimeout);
        time.Advance(PongTimeout);
        server.Hub.Release();
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
    }

    [Theory]
    [InlineData(SocketIoTransport.WebSocket)]
    [InlineData(SocketIoTransport.Polling)]
    public async Task A_session_without_a_namespace_is_closed_in_time(SocketIoTransport transport)
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(o => o.ConnectTimeout = TimeSpan.FromSeconds(10), time);
        await using var idle = await server.OpenAsync(transport);
        await using var connected = await server.ConnectAsync(transport);
        await using var left = await server.ConnectAsync(transport);
        time.Advance(TimeSpan.FromSeconds(9));
        await left.SendAsync("41", Test);
        await server.Hub.NextLeaveAsync();
        Assert.Equal(3, server.Registry.Count);
        time.Advance(TimeSpan.FromSeconds(2));
        await idle.ExpectCloseAsync(cancellationToken: Test);
        time.Advance(TimeSpan.FromSeconds(9));
        await left.ExpectCloseAsync(cancellationToken: Test);
        Assert.Empty(await connected.EmitWithAcknowledgementAsync("ping"));
    }
}
