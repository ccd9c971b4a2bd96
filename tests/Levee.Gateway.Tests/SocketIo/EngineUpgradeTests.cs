using System.Text.Json;
using CsCheck;
using Levee.Gateway.SocketIo;
using Levee.Gateway.Tests.Sockets;
using Levee.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class EngineUpgradeTests
{
    private const string Bad = """{"code":3,"message":"Bad request"}""";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_moves_to_a_web_socket_frame_by_frame()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var poll = server.PollAsync(sid);
        await Eventually.IsTrueAsync(() => server.PendingPolls == 1, "the poll waits");
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextAsync());
        Assert.Equal((200, "6"), await poll);

        // A client that polls once more while it upgrades is not kept waiting.
        Assert.Equal((200, "6"), await server.PollAsync(sid));
        Assert.Equal((200, "ok"), await server.PostAsync(sid, """42["echo","kept"]"""));
        await socket.SendAsync("5");
        Assert.Equal("""42["echo","kept"]""", await socket.NextAsync());
        await socket.SendAsync("""42["echo",2]""");
        Assert.Equal("""42["echo",2]""", await socket.NextAsync());

        Assert.Equal((400, Bad), await server.PollAsync(sid));
        Assert.Equal((400, Bad), await server.PostAsync(sid, """42["note",1]"""));
        Assert.Empty(server.Hub.Notes);
        await socket.SendAsync("""42["echo",3]""");
        Assert.Equal("""42["echo",3]""", await socket.NextAsync());
        socket.Socket.Abort();
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
    }

    [Fact]
    public async Task What_waits_goes_by_the_poll_as_long_as_the_client_polls()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextAsync());
        await server.PostAsync(sid, """42["echo",1]""");
        Assert.Equal((200, """42["echo",1]"""), await server.PollAsync(sid));
    }

    [Fact]
    public async Task An_upgrade_without_a_probe_is_taken_and_releases_the_poll()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var poll = server.PollAsync(sid);
        await Eventually.IsTrueAsync(() => server.PendingPolls == 1, "the poll waits");
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("5");
        Assert.Equal((200, "6"), await poll);
        await socket.SendAsync("""42["echo",1]""");
        Assert.Equal("""42["echo",1]""", await socket.NextAsync());
    }

    [Fact]
    public async Task A_second_socket_is_closed_with_a_reason_and_the_first_goes_on()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var first = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        using (var second = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}"))
        {
            Assert.Equal((1008, "the session is being upgraded by another socket"), await second.CloseAsync());
        }

        await first.SendAsync("2probe");
        Assert.Equal("3probe", await first.NextAsync());
        await first.SendAsync("5");
        await first.SendAsync("""42["echo",1]""");
        Assert.Equal("""42["echo",1]""", await first.NextAsync());
        using (var third = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}"))
        {
            Assert.Equal((1008, "the session has a socket already"), await third.CloseAsync());
        }

        await first.SendAsync("""42["echo",2]""");
        Assert.Equal("""42["echo",2]""", await first.NextAsync());
    }

    [Fact]
    public async Task A_session_that_began_on_a_web_socket_takes_no_other()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        using var second = await server.SocketAsync($"EIO=4&transport=websocket&sid={client.Sid}");
        Assert.Equal((1008, "the session has a socket already"), await second.CloseAsync());
        Assert.Equal((400, Bad), await server.PollAsync(client.Sid));
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
    }

    [Theory]
    [InlineData("4")]
    [InlineData("42[\"note\",1]")]
    [InlineData("2")]
    [InlineData("3probe")]
    [InlineData("")]
    public async Task Anything_but_a_probe_ends_the_probe_and_the_session_goes_on(string packet)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync(packet);
        Assert.Equal((1002, "a probe or an upgrade was expected"), await socket.CloseAsync());
        await GoesOnAsync(server, sid);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_upgrade_that_is_abandoned_leaves_the_session_to_polling(bool hasProbed)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using (var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}"))
        {
            if (hasProbed)
            {
                await socket.SendAsync("2probe");
                await socket.NextAsync();
            }

            socket.Socket.Abort();
        }

        await GoesOnAsync(server, sid);

        // And another one may be tried, once the first is known to be gone.
        for (var (tried, left) = (false, 200); !tried; left--)
        {
            Assert.True(left > 0, "The first upgrade was never forgotten.");
            using var again = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
            await again.SendAsync("2probe");
            if (await again.NextAsync() == "3probe")
            {
                await again.SendAsync("5");
                await again.SendAsync("""42["echo",9]""");
                Assert.Equal("""42["echo",9]""", await again.NextAsync());
                tried = true;
            }
        }
    }

    [Fact]
    public async Task An_upgrade_that_takes_too_long_is_closed_and_the_session_goes_on()
    {
        var time = new FakeTimeProvider();
        await using var server = await SocketIoServer.StartAsync(time: time);
        var sid = await server.ConnectPollingAsync();
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextAsync());
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal((1008, "the upgrade was not completed in time"), await socket.CloseAsync());
        await GoesOnAsync(server, sid);
    }

    [Fact]
    public async Task A_session_that_ends_takes_its_probe_along()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextAsync());
        await server.PostAsync(sid, "1");
        Assert.Equal((1008, "the session has ended"), await socket.CloseAsync());
    }

    [Fact]
    public async Task A_disconnect_between_the_probe_and_the_upgrade_arrives_by_the_web_socket()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var socket = await server.SocketAsync($"EIO=4&transport=websocket&sid={sid}");
        await socket.SendAsync("2probe");
        Assert.Equal("3probe", await socket.NextAsync());
        await server.PostAsync(sid, "42[\"echo\",1]\u001e42[\"kick\"]");
        await socket.SendAsync("5");
        Assert.Equal("""42["echo",1]""", await socket.NextAsync());
        Assert.Equal("41", await socket.NextAsync());
        Assert.Equal((1000, ""), await socket.CloseAsync());
    }

    [Fact]
    public async Task Traffic_in_both_directions_during_an_upgrade_is_neither_lost_nor_doubled_nor_reordered()
    {
        await using var server = await SocketIoServer.StartAsync();
        await Gen.Select(Gen.Int[0, 40], Gen.Int[1, 40], Gen.Int[0, 200]).SampleAsync(
            async (before, after, pushes) =>
            {
                await using var client = await server.ConnectAsync(SocketIoTransport.Polling);
                var member = server.Hub.Member(client.Id);
                var pushing = Task.Run(() => PushAsync(member, pushes), Test);
                for (var i = 0; i < before; i++)
                {
                    await client.EmitAsync("echo", i);
                }

                var upgrading = client.UpgradeAsync(Test);
                for (var i = before; i < before + after; i++)
                {
                    await client.EmitAsync("echo", i);
                }

                await upgrading;
                await pushing;
                await AssertCountedAsync(client, "echo", before + after);
                await AssertCountedAsync(client, "pushed", pushes);
                await client.EmitWithAcknowledgementAsync("ping");
                await client.RefuteEventAsync("echo", TimeSpan.Zero, cancellationToken: Test);
                await client.RefuteEventAsync("pushed", TimeSpan.Zero, cancellationToken: Test);
            },
            iter: 25,
            threads: 2);
    }

    private static async Task PushAsync(SocketIoSocket member, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(member.Send(SocketIoPackets.Event("pushed", JsonSerializer.SerializeToUtf8Bytes(i))));
            await Task.Yield();
        }
    }

    private static async Task AssertCountedAsync(SocketIoClient client, string eventName, int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i, (await client.ExpectEventAsync(eventName, cancellationToken: Test)).Arguments[0].GetInt32());
        }
    }

    private static async Task GoesOnAsync(SocketIoServer server, string sid)
    {
        Assert.Equal((200, "ok"), await server.PostAsync(sid, """42["echo",1]"""));
        Assert.Equal((200, """42["echo",1]"""), await server.PollAsync(sid));
        Assert.Equal(0, server.Hub.LeaveCount);
    }
}
