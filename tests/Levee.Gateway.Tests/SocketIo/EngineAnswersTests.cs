using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>What a client may do once it has its answer, though the server may not have heard of that yet.</summary>
public sealed class EngineAnswersTests
{
    private const string Bad = """{"code":3,"message":"Bad request"}""";

    public static TheoryData<int> Lengths { get; } = [3, 200_000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task The_next_poll_may_come_by_another_connection_as_soon_as_the_answer_is_there(int length)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var packet = Echo(length);
        await server.PostAsync(sid, packet);
        server.Answers.HoldAfter();
        using var other = new HttpClient();
        Assert.Equal((200, packet), await server.PollAsync(sid));
        var next = server.PollAsync(sid, other);
        await Eventually.IsTrueAsync(() => next.IsCompleted || server.PendingPolls == 2, "the next poll waits");
        server.Answers.Release();
        Assert.Equal((200, "ok"), await server.PostAsync(sid, Echo(1)));
        Assert.Equal((200, Echo(1)), await next);
    }

    [Fact]
    public async Task The_next_post_may_come_by_another_connection_as_soon_as_the_answer_is_there()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        server.Answers.HoldAfter();
        Assert.Equal((200, "ok"), await server.PostAsync(sid, Echo(1)));
        using var other = new HttpClient();
        Assert.Equal((200, "ok"), await server.PostAsync(sid, Echo(2), other));
        server.Answers.Release();
        Assert.Equal((200, $"{Echo(1)}\u001e{Echo(2)}"), await server.PollAsync(sid, other));
    }

    [Fact]
    public async Task Who_hangs_up_with_the_answer_to_a_post_in_hand_goes_on()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        server.Answers.HoldAfter();
        using (var hasty = new HttpClient())
        {
            Assert.Equal((200, "ok"), await server.PostAsync(sid, Echo(1), hasty));
        }

        await Eventually.IsTrueAsync(() => server.Answers.Aborted == 1, "the server knows");
        server.Answers.Release();
        Assert.Equal((200, Echo(1)), await server.PollAsync(sid));
        Assert.Equal(0, server.Hub.LeaveCount);
    }

    [Fact]
    public async Task Who_hangs_up_with_the_answer_to_a_poll_in_hand_goes_on()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        await server.PostAsync(sid, Echo(1));
        server.Answers.HoldAfter();
        using (var hasty = new HttpClient())
        {
            Assert.Equal((200, Echo(1)), await server.PollAsync(sid, hasty));
        }

        await Eventually.IsTrueAsync(() => server.Answers.Aborted == 1, "the server knows");
        server.Answers.Release();
        Assert.Equal((200, "ok"), await server.PostAsync(sid, Echo(2)));
        Assert.Equal((200, Echo(2)), await server.PollAsync(sid));
        Assert.Equal(0, server.Hub.LeaveCount);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Who_hangs_up_before_all_of_the_packets_are_sent_has_lost_some_and_is_let_go(int length)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        await server.PostAsync(sid, Echo(length));
        server.Answers.HoldBefore();
        var hasty = new HttpClient();
        var poll = server.PollAsync(sid, hasty);
        await Eventually.IsTrueAsync(() => server.Answers.Held == 1, "the answer is on its way");
        hasty.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => poll);
        await Eventually.IsTrueAsync(() => server.Answers.Aborted == 1, "the server knows");
        server.Answers.Release();
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
    }

    [Fact]
    public async Task Another_poll_while_most_of_a_large_answer_is_yet_to_be_sent_ends_the_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        await server.PostAsync(sid, Echo(200_000));
        server.Answers.HoldBefore();
        var poll = server.PollAsync(sid);
        await Eventually.IsTrueAsync(() => server.Answers.Held == 1, "the answer is on its way");
        using var other = new HttpClient();
        var second = server.PollAsync(sid, other);
        await server.Hub.NextLeaveAsync();
        server.Answers.Release();
        Assert.Equal((400, Bad), await second);
        await poll;
    }

    private static string Echo(int length) => $"42[\"echo\",\"{new string('x', length)}\"]";
}
