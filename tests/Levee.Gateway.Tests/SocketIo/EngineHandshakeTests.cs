using System.Net.WebSockets;
using System.Text.Json;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class EngineHandshakeTests
{
    private const string WebSocketQuery = "EIO=4&transport=websocket";

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Refusals => new()
    {
        { "GET", "EIO=4", """{"code":0,"message":"Transport unknown"}""" },
        { "GET", "EIO=4&transport=abc", """{"code":0,"message":"Transport unknown"}""" },
        { "GET", "EIO=4&transport=webtransport", """{"code":0,"message":"Transport unknown"}""" },
        { "GET", "EIO=4&transport=polling&transport=polling", """{"code":0,"message":"Transport unknown"}""" },
        { "GET", "EIO=4&transport=polling&sid=nobody", """{"code":1,"message":"Session ID unknown"}""" },
        { "POST", "EIO=4&transport=polling&sid=nobody", """{"code":1,"message":"Session ID unknown"}""" },
        { "POST", "EIO=4&transport=polling", """{"code":2,"message":"Bad handshake method"}""" },
        { "PUT", "EIO=4&transport=polling", """{"code":2,"message":"Bad handshake method"}""" },
        { "OPTIONS", "EIO=4&transport=polling", """{"code":2,"message":"Bad handshake method"}""" },
        { "GET", WebSocketQuery, """{"code":3,"message":"Bad request"}""" },
        { "GET", "transport=polling", """{"code":5,"message":"Unsupported protocol version"}""" },
        { "GET", "EIO=3&transport=polling", """{"code":5,"message":"Unsupported protocol version"}""" },
        { "GET", "EIO=abc&transport=polling", """{"code":5,"message":"Unsupported protocol version"}""" },
        { "GET", "EIO=5&transport=websocket", """{"code":3,"message":"Bad request"}""" },
    };

    [Theory]
    [InlineData("/socket.io/")]
    [InlineData("/socket.io")]
    public async Task Polling_opens_a_session_that_may_upgrade(string path)
    {
        await using var server = await SocketIoServer.StartAsync();
        using var response = await server.Http.GetAsync($"{path}?EIO=4&transport=polling", Test);
        var text = await response.Content.ReadAsStringAsync(Test);
        Assert.Matches(
            """^0\{"sid":"[A-Za-z0-9_-]{24}","upgrades":\["websocket"\],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000\}$""", text);
        Assert.Equal("text/plain; charset=UTF-8", response.Content.Headers.ContentType!.ToString());
        Assert.True(response.Headers.CacheControl!.NoStore);
        Assert.Equal(1, server.Registry.Count);
    }

    [Fact]
    public async Task A_web_socket_opens_a_session_that_has_nothing_to_upgrade_to()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.PingInterval = TimeSpan.FromSeconds(7));
        using var socket = await server.SocketAsync($"documentId=a&tenantId=b&{WebSocketQuery}");
        Assert.Matches(
            """^0\{"sid":"[A-Za-z0-9_-]{24}","upgrades":\[\],"pingInterval":7000,"pingTimeout":20000,"maxPayload":1000000\}$""",
            await socket.NextAsync());
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task A_request_that_is_none_of_ours_is_refused_by_name(string method, string query, string answer)
    {
        await using var server = await SocketIoServer.StartAsync();
        Assert.Equal((400, answer), await server.SendAsync(new HttpMethod(method), query));
        Assert.Equal(0, server.Registry.Count);
    }

    [Theory]
    [InlineData("EIO=4&transport=polling", 400)]
    [InlineData("EIO=3&transport=websocket", 400)]
    [InlineData("EIO=4&transport=websocket&sid=nobody", 400)]
    [InlineData("EIO=4", 400)]
    public async Task A_web_socket_that_is_none_of_ours_is_refused_before_it_is_one(string query, int status)
    {
        await using var server = await SocketIoServer.StartAsync();
        using var raw = new RawSocket(new ClientWebSocket());
        raw.Socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(
            () => raw.ConnectAsync(new Uri($"ws://{server.Url.Authority}/socket.io/?{query}")));
        Assert.Equal(status, (int)raw.Socket.HttpStatusCode);
    }

    [Fact]
    public async Task More_sessions_than_allowed_are_turned_away()
    {
        await using var server = await SocketIoServer.StartAsync(o => o.MaxSessions = 2);
        var first = await server.HandshakeAsync();
        await server.HandshakeAsync();
        Assert.Equal(
            (503, """{"code":4,"message":"Too many sessions. Try again later."}"""),
            await server.SendAsync(HttpMethod.Get, "EIO=4&transport=polling"));
        await server.PostAsync(first, "1");
        await Sockets.Eventually.IsTrueAsync(() => server.Registry.Count == 1, "the first has ended");
        await server.HandshakeAsync();
    }

    [Fact]
    public async Task Ids_are_never_the_same()
    {
        await using var server = await SocketIoServer.StartAsync();
        var ids = new HashSet<string>();
        for (var i = 0; i < 50; i++)
        {
            Assert.True(ids.Add(await server.HandshakeAsync()));
        }
    }

    [Fact]
    public async Task Compression_is_not_negotiated()
    {
        await using var server = await SocketIoServer.StartAsync();
        using var raw = new RawSocket(new ClientWebSocket());
        raw.Socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        raw.Socket.Options.CollectHttpResponseDetails = true;
        await raw.ConnectAsync(new Uri($"ws://{server.Url.Authority}/socket.io/?{WebSocketQuery}"));
        Assert.DoesNotContain("Sec-WebSocket-Extensions", raw.Socket.HttpResponseHeaders!.Keys, StringComparer.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_poll_and_others_may_not()
    {
        await using var server = await SocketIoServer.StartAsync(corsOrigin: "https://app.example");
        foreach (var (origin, isAllowed) in new[] { ("https://app.example", true), ("https://evil.example", false) })
        {
            using var preflight = new HttpRequestMessage(HttpMethod.Options, "/socket.io/?EIO=4&transport=polling&sid=x");
            preflight.Headers.Add("Origin", origin);
            preflight.Headers.Add("Access-Control-Request-Method", "POST");
            preflight.Headers.Add("Access-Control-Request-Headers", "content-type");
            using var allowed = await server.Http.SendAsync(preflight, Test);
            Assert.Equal(204, (int)allowed.StatusCode);
            Assert.Equal(isAllowed, allowed.Headers.TryGetValues("Access-Control-Allow-Origin", out var to) && to.Single() == origin);

            using var poll = new HttpRequestMessage(HttpMethod.Get, "/socket.io/?EIO=4&transport=polling");
            poll.Headers.Add("Origin", origin);
            using var answer = await server.Http.SendAsync(poll, Test);
            Assert.Equal(isAllowed, answer.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Fact]
    public async Task The_handshake_is_json_that_any_client_reads()
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.OpenAsync();
        Assert.Equal(
            ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"],
            client.Handshake.EnumerateObject().Select(member => member.Name));
        Assert.Equal(JsonValueKind.Array, client.Handshake.GetProperty("upgrades").ValueKind);
    }
}
