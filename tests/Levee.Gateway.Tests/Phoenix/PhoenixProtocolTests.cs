using Levee.Gateway.Phoenix;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>The channel protocol over a real socket, in every serialization.</summary>
public sealed class PhoenixProtocolTests
{
    private const string UnmatchedTopic = """{"reason":"unmatched topic"}""";

    public static TheoryData<string?> Versions => new(null, "2.0.0", "3.0.0");

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Answers_a_heartbeat(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.HeartbeatAsync("17");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Answers_a_join_with_the_channels_response_and_both_refs(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync("4", "5", "echo:a", "phx_join", """{"hello":["wörld",1]}""");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("4", "5", "echo:a", "phx_reply"), (reply.JoinRef!, reply.Ref!, reply.Topic, reply.Event));
        Assert.Equal(("ok", """{"hello":["wörld",1]}"""), (reply.Status!, reply.Response));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Refuses_a_join_with_the_channels_response_and_forgets_it(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync("1", "1", "echo:a", "phx_join", """{"refuse":"not you"}""");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("1", "error", """{"reason":"not you"}"""), (reply.Ref!, reply.Status!, reply.Response));
        await client.SendAsync("1", "2", "echo:a", "echo");
        Assert.Equal(UnmatchedTopic, (await client.ReceiveAsync()).Response);
        Assert.Equal(0, server.Hub.LeaveCount);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Answers_a_join_that_throws_and_tells_the_channel(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync("1", "1", "echo:a", "phx_join", """{"boom":1}""");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("error", """{"reason":"join crashed"}"""), (reply.Status!, reply.Response));
        Assert.Equal(("echo:a", ChannelCloseReason.Crashed), await server.Hub.NextLeaveAsync());
        await client.JoinAsync("echo:a", "2");
    }

    [Fact]
    public async Task Answers_a_join_whose_channel_cannot_be_made()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.SendAsync("1", "1", "broken:a", "phx_join");
        Assert.Equal("""{"reason":"join crashed"}""", (await client.ReceiveAsync()).Response);
        await client.HeartbeatAsync();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Refuses_topics_of_no_channel_class(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync("1", "1", "nowhere:a", "phx_join");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("1", "error", UnmatchedTopic), (reply.Ref!, reply.Status!, reply.Response));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Refuses_events_on_a_topic_never_joined(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync(null, "9", "echo:a", "echo");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("9", "phx_reply", "error", UnmatchedTopic), (reply.Ref!, reply.Event, reply.Status!, reply.Response));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Refuses_an_unknown_event_on_the_sockets_own_topic(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync(null, "9", "phoenix", "sing");
        Assert.Equal(UnmatchedTopic, (await client.ReceiveAsync()).Response);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Replies_carry_refs_and_pushes_carry_none(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.SendAsync("1", "2", "echo:a", "refuse", """{"why":null}""");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("1", "2", "error", """{"why":null}"""), (reply.JoinRef!, reply.Ref!, reply.Status!, reply.Response));
        await client.SendAsync("1", "3", "echo:a", "push", """{"n":-1.5}""");
        var push = await client.ReceiveAsync();
        Assert.Equal(("1", null, "echo:a", "pushed"), (push.JoinRef, push.Ref, push.Topic, push.Event));
        Assert.Equal("""{"n":-1.5}""", push.Payload.GetRawText());
        await client.SendAsync("1", "4", "echo:a", "later", "[]");
        Assert.Equal(("4", "[]"), ((reply = await client.ReceiveAsync()).Ref!, reply.Response));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task An_event_without_a_ref_gets_no_reply(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.SendAsync("1", null, "echo:a", "echo");
        await client.HeartbeatAsync();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_leave_is_answered_and_followed_by_phx_close(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.SendAsync("1", "2", "echo:a", "phx_leave");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("1", "2", "ok", "{}"), (reply.JoinRef!, reply.Ref!, reply.Status!, reply.Response));
        var close = await client.ReceiveAsync();
        Assert.Equal(("1", "1", "phx_close", "{}"), (close.JoinRef!, close.Ref!, close.Event, close.Payload.GetRawText()));
        Assert.Equal(("echo:a", ChannelCloseReason.Left), await server.Hub.NextLeaveAsync());
        await client.SendAsync("1", "3", "echo:a", "echo");
        Assert.Equal(UnmatchedTopic, (await client.ReceiveAsync()).Response);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_leave_of_a_topic_never_joined_is_ok(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.SendAsync("1", "2", "echo:a", "phx_leave");
        Assert.Equal(("ok", "{}"), ((await client.ReceiveAsync()) is var r ? (r.Status!, r.Response) : default));
        await client.HeartbeatAsync();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_second_join_replaces_the_first(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.SendAsync("2", "2", "echo:a", "phx_join");
        var close = await client.ReceiveAsync();
        Assert.Equal(("1", "phx_close"), (close.JoinRef!, close.Event));
        Assert.Equal(("2", "ok"), ((await client.ReceiveAsync()) is var r ? (r.JoinRef!, r.Status!) : default));
        Assert.Equal(("echo:a", ChannelCloseReason.Replaced), await server.Hub.NextLeaveAsync());
        await client.SendAsync("2", "3", "echo:a", "echo", """{"still":true}""");
        Assert.Equal("""{"still":true}""", (await client.ReceiveAsync()).Response);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Events_and_leaves_of_an_older_join_are_ignored(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.SendAsync("2", "2", "echo:a", "phx_join");
        await client.ReceiveAsync();
        await client.ReceiveAsync();
        await client.SendAsync("1", "3", "echo:a", "echo");
        await client.SendAsync("1", "4", "echo:a", "phx_leave");
        await client.HeartbeatAsync();
        await client.SendAsync("2", "5", "echo:a", "echo");
        Assert.Equal("5", (await client.ReceiveAsync()).Ref);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_channel_that_throws_gets_phx_error_and_the_socket_lives(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.JoinAsync("echo:b", "2");
        await client.SendAsync("1", "3", "echo:a", "boom");
        var error = await client.ReceiveAsync();
        Assert.Equal(("1", "echo:a", "phx_error", "{}"), (error.JoinRef!, error.Topic, error.Event, error.Payload.GetRawText()));
        Assert.Equal(("echo:a", ChannelCloseReason.Crashed), await server.Hub.NextLeaveAsync());
        await client.SendAsync("2", "4", "echo:b", "echo");
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        await client.JoinAsync("echo:a", "5");
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Theory]
    [InlineData("close", "phx_close", ChannelCloseReason.ClosedByServer)]
    [InlineData("crash", "phx_error", ChannelCloseReason.Crashed)]
    public async Task A_channel_may_end_itself(string how, string lastEvent, ChannelCloseReason reason)
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:a", "1");
        var context = server.Hub.Member("echo:a");
        await client.SendAsync("1", "2", "echo:a", how);
        var last = await client.ReceiveAsync();
        Assert.Equal(("1", lastEvent), (last.JoinRef!, last.Event));
        Assert.Equal(("echo:a", reason), await server.Hub.NextLeaveAsync());
        Assert.True(context.Aborted.IsCancellationRequested);
        Assert.False(context.Push("ghost", "{}"u8));
        Assert.False(context.Reply("1", ReplyStatus.Ok));
        Assert.False(context.PushShared(context.Serializer.EncodePush("echo:a", "ghost", "{}"u8)));
        context.Close("again");
        await client.HeartbeatAsync();
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task A_channel_that_throws_while_leaving_hurts_nobody()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync("2.0.0");
        await client.JoinAsync("echo:bad-leave", "1");
        await client.SendAsync("1", "2", "echo:bad-leave", "phx_leave");
        Assert.Equal("ok", (await client.ReceiveAsync()).Status);
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
        await client.HeartbeatAsync();
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Joins_beyond_the_limit_are_refused_until_one_leaves(string? vsn)
    {
        await using var server = await PhoenixServer.StartAsync(o => o.MaxTopicsPerSocket = 2);
        await using var client = await server.ConnectAsync(vsn);
        await client.JoinAsync("echo:a", "1");
        await client.JoinAsync("echo:b", "2");
        await client.SendAsync("3", "3", "echo:c", "phx_join");
        var reply = await client.ReceiveAsync();
        Assert.Equal(("error", """{"reason":"too_many_topics"}"""), (reply.Status!, reply.Response));
        await client.SendAsync("2", "4", "echo:b", "phx_leave");
        await client.ReceiveAsync();
        await client.ReceiveAsync();
        await client.JoinAsync("echo:c", "5");
    }

    [Fact]
    public async Task A_broadcast_is_encoded_once_per_serializer_and_reaches_all()
    {
        await using var server = await PhoenixServer.StartAsync();
        var clients = new List<PhoenixTestClient>();
        foreach (var vsn in new[] { null, "2.0.0", "3.0.0", null, "2.0.0", "3.0.0" })
        {
            clients.Add(await server.ConnectAsync(vsn));
            await clients[^1].JoinAsync("echo:all");
        }

        await clients[0].SendAsync("1", null, "echo:all", "broadcast", """{"text":"ö😀","n":[1,2.5,null]}""");
        foreach (var client in clients)
        {
            var news = await client.ReceiveAsync();
            Assert.Equal((null, null, "echo:all", "news"), (news.JoinRef, news.Ref, news.Topic, news.Event));
            Assert.Equal("ö😀", news.Payload.GetProperty("text").GetString());
            Assert.Equal("[1,2.5,null]", news.Payload.GetProperty("n").GetRawText());
            await client.DisposeAsync();
        }

        Assert.Equal(3, server.Hub.FramesEncoded);
    }

    [Fact]
    public async Task An_old_client_without_join_refs_joins_and_leaves()
    {
        await using var server = await PhoenixServer.StartAsync();
        await using var client = await server.ConnectAsync(null);
        await client.SendTextAsync("""{"topic":"echo:a","event":"phx_join","payload":{},"ref":"1"}""");
        Assert.Equal((null, "1", "ok"), ((await client.ReceiveAsync()) is var join ? (join.JoinRef, join.Ref, join.Status) : default));
        await client.SendTextAsync("""{"event":"phx_leave","ref":"2","topic":"echo:a"}""");
        Assert.Equal(("2", "ok"), ((await client.ReceiveAsync()) is var leave ? (leave.Ref!, leave.Status!) : default));
        Assert.Equal("phx_close", (await client.ReceiveAsync()).Event);
    }
}
