using System.Net.WebSockets;
using Levee.Testing;

namespace Levee.Gateway.Tests.SocketIo;

public sealed class SocketIoProtocolTests
{
    public static TheoryData<SocketIoTransport> Transports => [SocketIoTransport.WebSocket, SocketIoTransport.Polling];

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task Connects_echoes_acknowledges_and_leaves(SocketIoTransport transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync(transport);
        Assert.NotEqual(client.Sid, client.Id);
        await client.EmitAsync("echo", 1, "é😀\n", new { a = new object?[] { null, 1.5 } });
        var echo = await client.ExpectEventAsync("echo", cancellationToken: Test);
        Assert.Equal("""["echo",1,"é😀\n",{"a":[null,1.5]}]""", System.Text.RegularExpressions.Regex.Unescape(echo.Packet[2..]).Replace("\n", "\\n"));
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
        Assert.Empty(await client.EmitWithAcknowledgementAsync("ping"));
        await client.CloseAsync(Test);
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
        Assert.Equal(1, server.Hub.LeaveCount);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public async Task The_server_disconnects_a_client_after_what_waits(SocketIoTransport transport)
    {
        await using var server = await SocketIoServer.StartAsync();
        await using var client = await server.ConnectAsync(transport);
        await client.EmitAsync("echo", 1);
        await client.EmitAsync("kick");
        Assert.Equal("""42["echo",1]""", await client.ExpectPacketAsync(cancellationToken: Test));
        Assert.Equal("41", await client.ExpectPacketAsync(cancellationToken: Test));
        Assert.Equal(
            transport == SocketIoTransport.WebSocket ? WebSocketCloseStatus.NormalClosure : null,
            await client.ExpectCloseAsync(cancellationToken: Test));
        Assert.Equal(client.Id, await server.Hub.NextLeaveAsync());
    }
}
