using System.Net.WebSockets;
using Levee.Gateway.Phoenix;
using Levee.Gateway.Tests.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class PhoenixLifetimeTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_socket_silent_for_the_idle_timeout_is_closed_and_one_with_heartbeats_is_not()
    {
        var time = new FakeTimeProvider();
        await using var server = await PhoenixServer.StartAsync(time: time);
        await using var silent = await server.ConnectAsync("2.0.0");
        await silent.JoinAsync("echo:silent");
        await using var alive = await server.ConnectAsync("3.0.0");
        for (var seconds = 0; seconds < 55; seconds += 11)
        {
            time.Advance(TimeSpan.FromSeconds(11));
            await alive.HeartbeatAsync();
        }

        Assert.Equal(2, server.Registry.Count);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1008, "silent for 60 s: send a heartbeat on topic phoenix"), await silent.ReceiveCloseAsync());
        Assert.Equal(("echo:silent", ChannelCloseReason.SocketClosed), await server.Hub.NextLeaveAsync());
        await alive.HeartbeatAsync();
    }

    [Fact]
    public async Task A_client_that_closes_or_dies_ends_its_channels_once()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var polite = await server.ConnectAsync("2.0.0");
        await polite.JoinAsync("echo:polite");
        await polite.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", Test);
        Assert.Equal(WebSocketState.Closed, polite.Socket.State);
        Assert.Equal(("echo:polite", ChannelCloseReason.SocketClosed), await server.Hub.NextLeaveAsync());

        await using var dead = await server.ConnectAsync("2.0.0");
        await dead.JoinAsync("echo:dead");
        dead.Socket.Abort();
        Assert.Equal(("echo:dead", ChannelCloseReason.SocketClosed), await server.Hub.NextLeaveAsync());
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "both sockets are gone");
        Assert.Equal(2, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task A_client_that_dies_while_its_channel_is_busy_ends_it()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:busy");
        await client.SendAsync("1", "2", "echo:busy", "hang");
        client.Socket.Abort();
        Assert.Equal(("echo:busy", ChannelCloseReason.SocketClosed), await server.Hub.NextLeaveAsync());
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the socket is gone");
    }

    [Fact]
    public async Task A_socket_closed_in_the_middle_of_a_frame_ends_its_channels()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:a");
        await client.Socket.SendAsync("""["1","2","ec"""u8.ToArray(), WebSocketMessageType.Text, endOfMessage: false, Test);
        client.Socket.Abort();
        Assert.Equal(("echo:a", ChannelCloseReason.SocketClosed), await server.Hub.NextLeaveAsync());
    }

    [Fact]
    public async Task Shutdown_tells_every_client_and_channel_and_turns_new_ones_away()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:a");
        await client.SendAsync("1", "2", "echo:a", "hang");
        var closing = server.Registry.CloseAllAsync("server is shutting down", TimeSpan.FromSeconds(10));
        Assert.Equal((1001, "server is shutting down"), await client.ReceiveCloseAsync());
        Assert.Equal(("echo:a", ChannelCloseReason.ServerShutdown), await server.Hub.NextLeaveAsync());
        Assert.Equal(0, await closing);

        using var late = new ClientWebSocket();
        late.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => late.ConnectAsync(server.SocketAddress("2.0.0"), Test));
        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, late.HttpStatusCode);
    }

    [Fact]
    public async Task Shutdown_aborts_peers_that_do_not_read()
    {
        await using var server = await PhoenixServer.StartAsync(o => o.CloseTimeout = TimeSpan.FromMinutes(1));
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:a");
        var block = new byte[1024 * 1024];
        block.AsSpan().Fill((byte)' ');
        block[0] = (byte)'1';
        var context = server.Hub.Member("echo:a");
        for (var i = 0; i < 12; i++)
        {
            Assert.True(context.Push("block", block));
        }

        Assert.Equal(0, await server.Registry.CloseAllAsync("server is shutting down", TimeSpan.FromSeconds(1)));
        Assert.Equal(("echo:a", ChannelCloseReason.ServerShutdown), await server.Hub.NextLeaveAsync());
    }

    [Fact]
    public async Task A_reason_that_is_too_long_for_a_close_frame_is_cut()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.HeartbeatAsync();
        var closing = server.Registry.CloseAllAsync(new string('é', 200), TimeSpan.FromSeconds(10));
        Assert.Equal((1001, new string('é', 61)), await client.ReceiveCloseAsync());
        await closing;
    }
}
