using System.Net.WebSockets;
using Levee.Server.Tests.Documents;
using Levee.Sessions;
using Levee.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Server.Tests.SocketIo;

/// <summary>However a stock client goes, the others hear of it; and when the server sends it away, it is free to come again.</summary>
public sealed class LeavingTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, SocketIoTransport> ModesAndTransports { get; } =
        new(["write", "read"], [SocketIoTransport.WebSocket, SocketIoTransport.Polling]);

    public static MatrixTheoryData<string, string, SocketIoTransport> WaysToGo { get; } =
        new(["41", "close", "cut"], ["write", "read"], [SocketIoTransport.WebSocket, SocketIoTransport.Polling]);

    [Theory]
    [MemberData(nameof(WaysToGo))]
    public async Task A_client_that_goes_leaves(string how, string mode, SocketIoTransport transport)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var other = await StockClient.ConnectAsync(document);
        await using var client = await StockClient.ConnectAsync(document, mode: mode, transport: transport);
        await (how switch
        {
            "41" => client.Socket.SendAsync("41", Test),
            "close" => client.Socket.CloseAsync(Test),
            _ => AbortAsync(client),
        });
        await AssertLeftAsync(other, client.Id, mode);
    }

    [Theory]
    [MemberData(nameof(ModesAndTransports))]
    public async Task A_client_whose_heart_stops_leaves(string mode, SocketIoTransport transport)
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:SocketIo:PingInterval"] = "00:00:00.3", ["Levee:SocketIo:PingTimeout"] = "00:00:03" }, Test);
        var document = await TestDocument.CreateAsync(server);
        await using var other = await StockClient.ConnectAsync(document);
        await using var client = await StockClient.ConnectAsync(document, mode: mode, transport: transport);
        client.Socket.AnswersPings = false;
        await AssertLeftAsync(other, client.Id, mode);
    }

    [Theory]
    [MemberData(nameof(ModesAndTransports))]
    public async Task A_token_that_expires_ends_the_connection(string mode, SocketIoTransport transport)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var other = await StockClient.ConnectAsync(document);
        var token = TestTokens.Mint(document.Id, ["doc:read", "doc:write"], lifetime: TimeSpan.FromSeconds(8));
        await using var client = await StockClient.ConnectAsync(document, token, mode, transport: transport);
        var expires = client.Connected.GetProperty("claims").Number("exp");
        Assert.Equal("41", await client.Socket.ExpectPacketAsync("41", cancellationToken: Test));
        Assert.InRange(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), expires * 1000, long.MaxValue);
        var closed = await client.ClosedAsync();
        Assert.Equal(transport == SocketIoTransport.WebSocket ? WebSocketCloseStatus.NormalClosure : null, closed);
        await AssertLeftAsync(other, client.Id, mode);
        await using var again = await StockClient.ConnectAsync(document);
        await again.WriteAsync(again.Op());
    }

    [Fact]
    public async Task Who_connects_to_no_document_is_sent_away_and_who_has_connected_stays()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:SocketIo:ConnectTimeout"] = "00:00:02" }, Test);
        var document = await TestDocument.CreateAsync(server);
        await using var connected = await StockClient.ConnectAsync(document);
        await using var silent = await StockClient.OpenAsync(document);
        await using var refused = await StockClient.OpenAsync(document);
        await refused.Socket.EmitAsync("connect_document", StockClient.Message(document, "no token"));
        Assert.Equal("41", await silent.Socket.ExpectPacketAsync("41", cancellationToken: Test));
        Assert.Equal("41", await refused.Socket.ExpectPacketAsync("41", cancellationToken: Test));
        await connected.WriteAsync(connected.Op());
    }

    [Fact]
    public async Task Who_is_refused_by_the_document_itself_has_no_more_time_than_who_connects_to_none()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:SocketIo:ConnectTimeout"] = "00:00:02" }, Test);
        await using var client = await StockClient.OpenAsync(TestDocument.Unknown(server));
        // The token is good, so the deadline rests until the document has answered.
        var error = await client.RefusedAsync(StockClient.Message(client.Document));
        Assert.Equal(404, error.Number("code"));
        Assert.Equal("41", await client.Socket.ExpectPacketAsync("41", cancellationToken: Test));
    }

    [Fact]
    public async Task A_document_session_that_ends_sends_its_clients_away_to_come_again()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Test);
        var document = await TestDocument.CreateAsync(server);
        await using var client = await StockClient.ConnectAsync(document);
        await server.Services.GetRequiredService<SessionDirectory>().StopAsync();
        Assert.Equal("41", await client.Socket.ExpectPacketAsync("41", cancellationToken: Test));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await client.ClosedAsync());
    }

    [Fact]
    public async Task Pings_are_acknowledged_with_nothing_and_other_events_are_heard_in_silence()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.OpenAsync(document);
        Assert.Empty(await client.Socket.EmitWithAcknowledgementAsync("ping"));
        await client.ConnectAsync(StockClient.Message(document));
        await client.Socket.EmitAsync("ping");
        await client.Socket.EmitAsync("client_disconnect", client.Id, document.Id, "a secret of mine");
        await client.Socket.EmitAsync("an event of mine", 1);
        Assert.Empty(await client.Socket.EmitWithAcknowledgementAsync("ping"));
        await client.WriteAsync(client.Op());
        Assert.DoesNotContain("of mine", fixture.Server.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_comes_again_on_the_same_wire_has_a_new_id()
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var client = await StockClient.ConnectAsync(document);
        var before = client.Id;
        await client.Socket.SendAsync("41", Test);
        await client.Socket.ConnectNamespaceAsync(Test);
        await client.ConnectAsync(StockClient.Message(document));
        Assert.NotEqual(before, client.Id);
        await client.WriteAsync(client.Op());
        Assert.Contains(await document.ReadDeltasAsync(), message => message.IsLeaveOf(before));
    }

    [Fact]
    public async Task A_client_that_does_not_read_is_cut_and_others_go_on()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Levee:SocketIo:OutboxBytes"] = "65536", ["Levee:SocketIo:CloseTimeout"] = "00:00:00.5" }, Test);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync();
        await using var other = await StockClient.ConnectAsync(document);
        using var slow = new ClientWebSocket();
        var slowId = await ConnectSlowlyAsync(slow, document);
        var leave = writer.ReceiveAsync(message => message.IsLeaveOf(slowId));
        while (!leave.IsCompleted)
        {
            // The other one reads, and is waited for: what it may have waiting is bounded as well.
            var number = (await writer.AskAsync("submitOp", new { clientId = writer.Id, messageBatches = new[] { new[] { writer.Op(new string('x', 16_000)) } } })).Status;
            Assert.Equal("ok", number);
            await other.EventAsync("op");
        }

        await leave;
        await other.WriteAsync(other.Op("after"));
    }

    private static Task AbortAsync(StockClient client)
    {
        client.Socket.Abort();
        return Task.CompletedTask;
    }

    private static async Task AssertLeftAsync(StockClient other, string id, string mode)
    {
        while (true)
        {
            if (await other.AudienceAsync() is { Type: "leave" } leave)
            {
                Assert.Equal(id, leave.ClientId);
                break;
            }
        }

        if (mode == "write")
        {
            await other.ReceiveAsync(message => message.IsLeaveOf(id));
        }
    }

    private static async Task<string> ConnectSlowlyAsync(ClientWebSocket socket, TestDocument document)
    {
        var url = new UriBuilder(document.Server.Url) { Scheme = "ws", Path = "/socket.io/", Query = "EIO=4&transport=websocket" };
        await SmallBuffer.ConnectAsync(socket, url.Uri);
        await SendAsync(socket, "40");
        await SendAsync(socket, $"42[\"connect_document\",{StockClient.Message(document).ToJsonString()}]");
        while (true)
        {
            var packet = await SmallBuffer.ReadTextAsync(socket);
            if (packet.StartsWith("42[\"connect_document_success\"", StringComparison.Ordinal))
            {
                return Json.Of(packet[2..])[1].Text("clientId")!;
            }
        }
    }

    private static Task SendAsync(ClientWebSocket socket, string packet) =>
        socket.SendAsync(System.Text.Encoding.UTF8.GetBytes(packet), WebSocketMessageType.Text, true, Test);
}
