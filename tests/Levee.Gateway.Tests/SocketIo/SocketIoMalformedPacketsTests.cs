using System.Net.WebSockets;
using System.Text;
using CsCheck;
using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>What is no packet ends its own session, on both transports, and nobody else's.</summary>
public sealed class SocketIoMalformedPacketsTests
{
    private const string NoEnginePacket = "this is no Engine.IO packet of text";
    private const string NoPacket = "this is no Socket.IO packet";
    private const string WrongState = "this packet does not fit the state of its namespace";

    /// <summary>What is sent on a connected session, and why it ends.</summary>
    public static TheoryData<string, string> Malformed => new()
    {
        { "", NoEnginePacket },
        { "abc", NoEnginePacket },
        { "7", NoEnginePacket },
        { " 42[\"echo\"]", NoEnginePacket },
        { "bAQIDBA==", NoEnginePacket },
        { "2", "pings are the server's to send" },
        { "2probe", "pings are the server's to send" },
        { "4", NoPacket },
        { "4abc", NoPacket },
        { "47", NoPacket },
        { "42", NoPacket },
        { "42{}", NoPacket },
        { "42[]", NoPacket },
        { "42[1]", NoPacket },
        { "42[null,\"echo\"]", NoPacket },
        { "42[[\"echo\"]]", NoPacket },
        { "42[\"echo\"", NoPacket },
        { "42[\"echo\"]]", NoPacket },
        { "42[\"echo\",]", NoPacket },
        { "42[\"echo\"] x", NoPacket },
        { "42[\"\\ud800\"]", NoPacket },
        { "42[\"connect\"]", NoPacket },
        { "42[\"disconnect\"]", NoPacket },
        { "42[\"disconnecting\"]", NoPacket },
        { "42[\"newListener\"]", NoPacket },
        { "42abc[\"ping\"]", NoPacket },
        { "42-1[\"ping\"]", NoPacket },
        { "429007199254740992[\"ping\"]", NoPacket },
        { "4299999999999999999999[\"ping\"]", NoPacket },
        { "40[]", NoPacket },
        { "40\"x\"", NoPacket },
        { "41[]", NoPacket },
        { "41{}", NoPacket },
        { "430{}", NoPacket },
        { "451-[\"echo\",{\"_placeholder\":true,\"num\":0}]", NoPacket },
        { "461-0[]", NoPacket },
        { "40", WrongState },
        { "40{\"token\":1}", WrongState },
        { "44{\"message\":\"no\"}", WrongState },
        { "42/other,[\"echo\"]", WrongState },
        { "43/other,0[]", WrongState },
        { "41/other,", WrongState },
    };

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_packet_ends_the_session_on_a_web_socket_with_a_reason(string packet, string reason)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var other = await server.ConnectAsync();
        await using var client = await server.ConnectAsync();
        await client.EmitAsync("echo", 1);
        await client.SendAsync(packet, Test);
        await client.SendAsync("""42["note",1]""", Test);
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await client.ExpectCloseAsync(cancellationToken: Test));
        Assert.Equal(reason, client.CloseReason);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Empty(server.Hub.Notes);
        Assert.Empty(await other.EmitWithAcknowledgementAsync("ping"));
    }

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_packet_ends_the_session_by_polling(string packet, string reason)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var poll = server.PollAsync(sid);
        await Eventually.IsTrueAsync(() => server.PendingPolls == 1, "the poll waits");
        Assert.Equal(
            (400, """{"code":3,"message":"Bad request"}"""), await server.PostAsync(sid, $"{packet}\u001e42[\"note\",1]"));
        Assert.Equal((200, "1"), await poll);
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, reason);
        Assert.Empty(server.Hub.Notes);
    }

    [Theory]
    [InlineData("""42["echo",1]""")]
    [InlineData("420[\"ping\"]")]
    [InlineData("41")]
    [InlineData("430[]")]
    [InlineData("44\"no\"")]
    public async Task A_packet_before_the_connect_ends_the_session(string packet)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.OpenAsync();
        await client.SendAsync(packet, Test);
        Assert.Equal(WebSocketCloseStatus.ProtocolError, await client.ExpectCloseAsync(cancellationToken: Test));
        Assert.Equal((WrongState, 0), (client.CloseReason, server.Hub.LeaveCount));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    public async Task Json_nested_too_deep_ends_the_session(int levels, bool isTaken)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync($"42[\"note\",{new string('[', levels)}{new string(']', levels)},{{}}]", Test);
        if (isTaken)
        {
            await client.EmitWithAcknowledgementAsync("ping");
            Assert.Single(server.Hub.Notes);
        }
        else
        {
            await client.ExpectCloseAsync(cancellationToken: Test);
            Assert.Equal(NoPacket, client.CloseReason);
        }
    }

    [Fact]
    public async Task A_namespace_longer_than_any_is_no_packet()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync($"40/{new string('n', 256)},", Test);
        await client.ExpectCloseAsync(cancellationToken: Test);
        Assert.Equal(NoPacket, client.CloseReason);
    }

    [Fact]
    public async Task A_binary_frame_is_refused()
    {
        await using var server = await SocketIoServer.StartAsync();
        using var socket = await server.SocketAsync("EIO=4&transport=websocket");
        await socket.SendAsync("40");
        await socket.SendAsync([1, 2, 3], WebSocketMessageType.Binary);
        Assert.Equal((1003, "packets are text, binary ones are not taken"), await socket.CloseAsync());
        await server.Hub.NextLeaveAsync();
    }

    [Fact]
    public async Task A_frame_that_is_too_large_closes_with_1009_and_leaves()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync($"42[\"note\",\"{new string('x', 1_000_000 - 13)}\"]", Test);
        await client.EmitWithAcknowledgementAsync("ping");
        Assert.Single(server.Hub.Notes);
        await client.SendAsync($"42[\"note\",\"{new string('x', 1_000_000 - 12)}\"]", Test);
        Assert.Equal(WebSocketCloseStatus.MessageTooBig, await client.ExpectCloseAsync(cancellationToken: Test));
        Assert.Equal("a frame may have 1000000 bytes", client.CloseReason);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Single(server.Hub.Notes);
    }

    [Theory]
    [InlineData("0{}")]
    [InlineData("5")]
    [InlineData("6")]
    [InlineData("3")]
    [InlineData("3probe")]
    [InlineData("430[]")]
    [InlineData("43")]
    public async Task A_packet_that_says_nothing_here_is_ignored(string packet)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync(packet, Test);
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
    }

    [Fact]
    public async Task Any_text_ends_at_most_its_own_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var other = await server.ConnectAsync();
        var digit = Gen.Char["0123456789"];
        var rest = Gen.Char["012/,[]{}\"\\ude:- echo😀"].Array[0, 20].Select(chars => new string(chars));
        await Gen.Select(digit, rest).SampleAsync(
            async (type, text) =>
            {
                await using var client = await server.ConnectAsync();
                await client.SendAsync($"4{type}{new UTF8Encoding(false).GetString(Encoding.UTF8.GetBytes(text))}", Test);

                // Where the text has ended the session, this comes too late, and may find it closed.
                await Record.ExceptionAsync(() => client.SendAsync("1", Test));
                await client.ExpectCloseAsync(cancellationToken: Test);
            },
            iter: 200,
            threads: 2);
        await Eventually.IsTrueAsync(() => server.Registry.Count == 1, "all sessions but one have ended");
        Assert.Equal(1, server.Hub.MemberCount);
        Assert.Empty(await other.EmitWithAcknowledgementAsync("ping"));
        Assert.DoesNotContain("failed", server.Log.Text, StringComparison.Ordinal);
    }
}
