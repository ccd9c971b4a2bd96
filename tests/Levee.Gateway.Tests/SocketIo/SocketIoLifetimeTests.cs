using System.Net.WebSockets;
using Levee.Gateway.SocketIo;
using Levee.Gateway.Tests.Sockets;
using Levee.Testing;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class SocketIoLifetimeTests
{
    private static readonly byte[] Block = [(byte)'"', .. Enumerable.Repeat((byte)'x', 64 * 1024), (byte)'"'];

    public static TheoryData<SocketIoTransport> Transports => [SocketIoTransport.WebSocket, SocketIoTransport.Polling];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_handler_that_crashes_disconnects_its_client_only_and_is_logged_without_contents(SocketIoTransport transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var other = await server.ConnectAsync();
        await using var client = await server.ConnectAsync(transport);
        await client.EmitAsync("boom");
        await client.ExpectPacketAsync("41", cancellationToken: Test);
        await client.ExpectCloseAsync(cancellationToken: Test);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Contains("EchoHandler crashed in an event: InvalidOperationException", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("asked for", server.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(client.Sid, server.Log.Text, StringComparison.Ordinal);
        Assert.Empty(await other.EmitWithAcknowledgementAsync("ping"));
    }

    [Fact]
    public async Task A_handler_that_can_not_be_made_disconnects_its_client()
    {
        await using var server = await SocketIoServer.StartAsync();
        server.Hub.RefusesHandlers = true;
        await using var client = await server.ConnectAsync();
        await client.ExpectPacketAsync("41", cancellationToken: Test);
        await client.ExpectCloseAsync(cancellationToken: Test);
        Assert.Equal(0, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task A_session_has_not_ended_while_its_handler_still_leaves_whoever_asked_it_to_first()
    {
        await using var server = await SocketIoServer.StartAsync();
        server.Hub.HoldsLeaves = true;
        await using var client = await server.ConnectAsync();
        await client.SendAsync("41", Test);
        await Eventually.IsTrueAsync(() => server.Hub.Waits == 1, "the handler is leaving");
        client.Abort();
        Assert.Equal(1, await server.Registry.CloseAllAsync("test", TimeSpan.FromMilliseconds(500)));
        server.Hub.Release();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task A_client_that_disconnects_leaves_and_may_connect_again_on_its_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var first = client.Id;
        await client.SendAsync("41", Test);
        Assert.Equal(first, await server.Hub.NextLeaveAsync());
        await client.ConnectNamespaceAsync(Test);
        Assert.NotEqual(first, client.Id);
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
        await client.CloseAsync(Test);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Equal(2, server.Hub.LeaveCount);
    }

    [Theory]
    [InlineData("40/other,", "44/other,{\"message\":\"Invalid namespace\"}")]
    [InlineData("40/other", "44/other,{\"message\":\"Invalid namespace\"}")]
    [InlineData("40/other,{\"token\":\"x\"}", "44/other,{\"message\":\"Invalid namespace\"}")]
    public async Task Another_namespace_is_refused_and_the_session_goes_on(string packet, string answer)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.OpenAsync();
        await client.SendAsync(packet, Test);
        Assert.Equal(answer, await client.ExpectPacketAsync(cancellationToken: Test));
        await client.ConnectNamespaceAsync(Test);
        await client.SendAsync(packet, Test);
        Assert.Equal(answer, await client.ExpectPacketAsync(cancellationToken: Test));
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
    }

    [Theory]
    [InlineData("40{\"token\":\"123\"}")]
    [InlineData("40/,")]
    public async Task The_default_namespace_may_be_named_and_come_with_a_payload(string packet)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.OpenAsync();
        await client.SendAsync(packet, Test);
        await client.ExpectPacketAsync("40{\"sid\":\"", cancellationToken: Test);
        await client.SendAsync("42/,7[\"ping\"]", Test);
        Assert.Equal("437[]", await client.ExpectPacketAsync(cancellationToken: Test));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task A_client_that_dies_leaves_once_also_while_its_handler_is_busy(SocketIoTransport transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync(transport);
        await client.EmitAsync("note", 1);
        var busy = Record.ExceptionAsync(() => client.EmitAsync("hang"));
        await Eventually.IsTrueAsync(() => server.Hub.Notes.Count == 1, "it was noted");
        client.Abort();
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        await busy;
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task A_slow_reader_is_cut_and_told_why_while_others_receive_everything()
    {
        await using var server = await SocketIoServer.StartAsync(o =>
        {
            o.OutboxBytes = 1024 * 1024;
            o.CloseTimeout = TimeSpan.FromSeconds(60);
        });
        using var slow = await server.SocketAsync("EIO=4&transport=websocket");
        await slow.NextAsync();
        await slow.SendAsync("40");
        var id = (await slow.NextAsync())!.Split('"')[3];
        await using var quick = await server.ConnectAsync();
        await FloodAsync(server, server.Hub.Member(id), quick);
        Assert.Equal(id, await server.Hub.NextLeaveAsync());
        var (status, reason) = await slow.CloseAsync();
        Assert.Equal(1013, status);
        Assert.Matches(@"^slow consumer: \d+ bytes were waiting; reconnect and catch up$", reason);
        Assert.Empty(await quick.EmitWithAcknowledgementAsync("ping"));
    }

    [Fact]
    public async Task A_client_that_does_not_poll_is_cut_at_the_bound_of_its_outbox()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.OutboxBytes = 1024 * 1024);
        var sid = await server.HandshakeAsync();
        await server.PostAsync(sid, "40");
        var id = (await server.PollAsync(sid)).Text.Split('"')[3];
        await using var quick = await server.ConnectAsync();
        await FloodAsync(server, server.Hub.Member(id), quick);
        Assert.Equal(id, await server.Hub.NextLeaveAsync());
        await Eventually.IsTrueAsync(() => server.Registry.Count == 1, "the session has ended");
        Assert.Equal((400, """{"code":1,"message":"Session ID unknown"}"""), await server.PollAsync(sid));
        Assert.Empty(await quick.EmitWithAcknowledgementAsync("ping"));
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Shutdown_disconnects_every_client_after_what_waits_and_turns_new_ones_away(SocketIoTransport transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync(transport);
        await using var unconnected = await server.OpenAsync(transport);
        server.Registry.StopAccepting("going down");
        Assert.Equal(
            (503, """{"code":4,"message":"The server is shutting down. Try again later."}"""),
            await server.SendAsync(HttpMethod.Get, "EIO=4&transport=polling"));
        var late = await Assert.ThrowsAsync<WebSocketException>(() => server.SocketAsync("EIO=4&transport=websocket"));
        Assert.Contains("503", late.Message, StringComparison.Ordinal);

        // Those who are there are served until the end.
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
        server.Hub.Member(client.Id).Send(SocketIoPackets.Event("last"));
        Assert.Equal(0, await server.Registry.CloseAllAsync("going down", TimeSpan.FromSeconds(10)));
        Assert.Equal("""42["last"]""", await client.ExpectPacketAsync(cancellationToken: Test));
        Assert.Equal("41", await client.ExpectPacketAsync(cancellationToken: Test));
        var status = await client.ExpectCloseAsync(cancellationToken: Test);
        if (transport == SocketIoTransport.WebSocket)
        {
            Assert.Equal((WebSocketCloseStatus.EndpointUnavailable, "going down"), (status!.Value, client.CloseReason));
        }

        await unconnected.ExpectCloseAsync(cancellationToken: Test);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task Shutdown_does_not_wait_longer_than_allowed_for_those_who_do_not_take_it()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.CloseTimeout = TimeSpan.FromMinutes(1));
        await server.ConnectPollingAsync();
        using var silent = await server.SocketAsync("EIO=4&transport=websocket");
        await silent.SendAsync("40");
        await Eventually.IsTrueAsync(() => server.Hub.MemberCount == 2, "both are connected");
        Assert.Equal(0, await server.Registry.CloseAllAsync("going down", TimeSpan.FromSeconds(1)));
        Assert.Equal(0, server.Hub.MemberCount);
    }

    [Fact]
    public async Task A_handler_that_hangs_ends_with_its_client()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.EmitAsync("note", 1);
        await client.EmitAsync("hang");
        await Eventually.IsTrueAsync(() => server.Hub.Notes.Count == 1, "it was noted");
        await server.Registry.CloseAllAsync("going down", TimeSpan.FromSeconds(10));
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.DoesNotContain("crashed", server.Log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_waits_for_room_sends_any_amount_to_a_client_that_polls()
    {
        const int Packets = 100;
        await using var server = await SocketIoServer.StartAsync(o => o.OutboxBytes = 256 * 1024);
        await using var client = await server.ConnectAsync(SocketIoTransport.Polling);
        var member = server.Hub.Member(client.Id);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < Packets; i++)
            {
                using var turn = await member.TakeTurnAsync(member.Aborted);
                Assert.NotNull(turn);
                Assert.True(member.Send(SocketIoPackets.Event($"{i}", Block)));
            }
        }, Test);
        for (var i = 0; i < Packets; i++)
        {
            await client.ExpectEventAsync($"{i}", cancellationToken: Test);
        }

        await sending;
    }

    [Fact]
    public async Task Nothing_is_sent_after_a_socket_has_ended()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        var member = server.Hub.Member(client.Id);
        Assert.False(member.Aborted.IsCancellationRequested);
        await client.SendAsync("41", Test);
        await server.Hub.NextLeaveAsync();
        Assert.True(member.Aborted.IsCancellationRequested);
        Assert.False(member.Send(SocketIoPackets.Event("late")));
        member.Acknowledge(1);
        member.Disconnect("late");
        await client.ConnectNamespaceAsync(Test);
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
    }

    // Everyone gets the same bytes; the quick one reads before the next come, so only the slow one falls behind.
    private static async Task FloodAsync(SocketIoServer server, SocketIoSocket slow, SocketIoClient quick)
    {
        var packet = SocketIoPackets.Event("block", Block);
        for (var i = 0; i < 2000 && !slow.Aborted.IsCancellationRequested; i++)
        {
            server.Hub.Broadcast(packet);
            await quick.ExpectEventAsync("block", cancellationToken: Test);
        }

        Assert.False(slow.Send(packet));
    }
}
