using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Levee.Gateway.Tests.Sockets;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class EnginePollingTests
{
    private const string Unknown = """{"code":1,"message":"Session ID unknown"}""";
    private const string Bad = """{"code":3,"message":"Bad request"}""";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Packets_of_one_body_are_handled_in_order_and_answers_wait_for_the_next_poll_together()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        Assert.Equal((200, "ok"), await server.PostAsync(sid, "42[\"echo\",1]\u001e42[\"echo\",2]\u001e421[\"ping\"]"));
        Assert.Equal((200, "42[\"echo\",1]\u001e42[\"echo\",2]\u001e431[]"), await server.PollAsync(sid));
    }

    [Fact]
    public async Task A_poll_waits_for_packets()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var poll = server.PollAsync(sid);
        Assert.Equal((200, "ok"), await server.PostAsync(sid, """42["echo","é😀"]"""));
        Assert.Equal((200, """42["echo","\u00E9\uD83D\uDE00"]"""), await poll);
    }

    [Fact]
    public async Task More_than_one_body_may_hold_comes_by_several_polls()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.MaxPayload = 1024);
        var sid = await server.ConnectPollingAsync();
        for (var i = 0; i < 3; i++)
        {
            await server.PostAsync(sid, $"42[\"echo\",\"{new string((char)('a' + i), 480)}\"]");
        }

        var first = (await server.PollAsync(sid)).Text;
        Assert.Equal(2, first.Split('\u001e').Length);
        Assert.InRange(first.Length, 1, 1024);
        Assert.Contains("ccc", (await server.PollAsync(sid)).Text);
    }

    [Fact]
    public async Task Two_polls_at_once_end_the_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var polls = new[] { server.PollAsync(sid), server.PollAsync(sid) };
        await Task.WhenAll(polls);
        Assert.Equal([(200, "1"), (400, Bad)], polls.Select(poll => poll.Result).Order());
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
        Assert.Equal((400, Unknown), await server.PollAsync(sid));
    }

    [Fact]
    public async Task Two_posts_at_once_end_the_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var first = server.PostAsync(sid, """42["wait"]""");
        await Eventually.IsTrueAsync(() => server.Hub.Waits == 1, "the first is being handled");
        Assert.Equal((400, Bad), await server.PostAsync(sid, """42["note",2]"""));
        server.Hub.Release();
        await first;
        await server.Hub.NextLeaveAsync();
        Assert.Empty(server.Hub.Notes);
        Assert.Equal((400, Unknown), await server.PostAsync(sid, "3"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_is_too_large_is_refused_and_the_session_goes_on(bool isChunked)
    {
        await using var server = await SocketIoServer.StartAsync(o => o.MaxPayload = 1024);
        var sid = await server.ConnectPollingAsync();
        var content = new ByteArrayContent(Encoding.ASCII.GetBytes($"42[\"echo\",\"{new string('x', 1024)}\"]"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/socket.io/?EIO=4&transport=polling&sid={sid}") { Content = content };
        request.Headers.TransferEncodingChunked = isChunked;
        using var response = await server.Http.SendAsync(request, Test);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("""{"code":3,"message":"Payload too large"}""", await response.Content.ReadAsStringAsync(Test));

        Assert.Equal((200, "ok"), await server.PostAsync(sid, """42["echo",1]"""));
        Assert.Equal((200, """42["echo",1]"""), await server.PollAsync(sid));
    }

    [Fact]
    public async Task A_body_of_the_allowed_size_is_taken()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.MaxPayload = 1024);
        var sid = await server.ConnectPollingAsync();
        var body = $"42[\"echo\",\"{new string('x', 1024 - 13)}\"]";
        Assert.Equal(1024, body.Length);
        Assert.Equal((200, "ok"), await server.PostAsync(sid, body));
        Assert.Equal((200, body), await server.PollAsync(sid));
    }

    [Fact]
    public async Task Bytes_that_are_no_text_end_the_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        var binary = new ByteArrayContent("""42["echo",1]"""u8.ToArray());
        binary.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var broken = new ByteArrayContent([.. "42[\"echo\",\""u8, 0xFF, .. "\"]"u8]);
        foreach (var content in new[] { binary, broken })
        {
            var sid = await server.ConnectPollingAsync();
            Assert.Equal((400, Bad), await server.SendAsync(HttpMethod.Post, $"EIO=4&transport=polling&sid={sid}", content));
            await server.Hub.NextLeaveAsync();
            await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
            Assert.Equal((400, Unknown), await server.PollAsync(sid));
        }
    }

    [Fact]
    public async Task A_client_that_closes_gets_its_poll_back_and_is_forgotten()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        var poll = server.PollAsync(sid);
        await Eventually.IsTrueAsync(() => server.PendingPolls == 1, "the poll waits");
        Assert.Equal((200, "ok"), await server.PostAsync(sid, "1"));
        Assert.Equal((200, "6"), await poll);
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
        Assert.Equal((400, Unknown), await server.PollAsync(sid));
    }

    [Fact]
    public async Task A_poll_that_is_given_up_ends_the_session()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Test);
        var poll = server.Http.GetAsync($"/socket.io/?EIO=4&transport=polling&sid={sid}", giveUp.Token);
        await Eventually.IsTrueAsync(() => server.PendingPolls == 1, "the poll waits");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => poll);
        await server.Hub.NextLeaveAsync();
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "the session has ended");
    }

    [Fact]
    public async Task A_post_that_is_given_up_ends_the_session_and_what_it_began()
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Test);
        var post = server.Http.PostAsync(
            $"/socket.io/?EIO=4&transport=polling&sid={sid}", new StringContent("42[\"note\",1]\u001e42[\"hang\"]"), giveUp.Token);
        await Eventually.IsTrueAsync(() => server.Hub.Notes.Count == 1, "it is being handled");
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => post);
        await server.Hub.NextLeaveAsync();
    }

    [Theory]
    [InlineData("DELETE", "polling")]
    [InlineData("PUT", "polling")]
    [InlineData("GET", "websocket")]
    public async Task A_request_of_another_kind_is_refused_and_the_session_goes_on(string method, string transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        var sid = await server.ConnectPollingAsync();
        Assert.Equal((400, Bad), await server.SendAsync(new HttpMethod(method), $"EIO=4&transport={transport}&sid={sid}"));
        Assert.Equal((200, "ok"), await server.PostAsync(sid, """42["echo",1]"""));
        Assert.Equal((200, """42["echo",1]"""), await server.PollAsync(sid));
    }
}
