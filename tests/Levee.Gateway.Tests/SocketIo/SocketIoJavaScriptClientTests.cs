using Levee.Gateway.Tests.Sockets;
using Levee.Tests;

namespace Levee.Gateway.Tests.SocketIo;

/// <summary>Socket.IO's own JavaScript client, on each transport and from one to the other.</summary>
public sealed class SocketIoJavaScriptClientTests
{
    [Theory]
    [InlineData("websocket", "websocket", "websocket")]
    [InlineData("polling,websocket", "polling", "websocket")]
    [InlineData("polling", "polling", "polling")]
    public async Task The_socket_io_client_connects_echoes_is_disconnected_and_leaves(string transports, string first, string last)
    {
        await using var server = await SocketIoServer.StartAsync();
        var output = await NodeScript.RunAsync("socket-io-echo.mjs", $"http://{server.Url.Authority}", transports);
        Assert.Equal(
            $$"""
            begins with "{{first}}"
            connected
            echoes in order true
            transport "{{last}}"
            echo [-5,1700000000000,{"s":"é😀\n","n":null,"a":[1,[2,{}]]}]
            acknowledged []
            news [{"n":3}]
            kicked "io server disconnect"
            connected again
            crashed "io server disconnect"
            refused "Invalid namespace"
            left "io client disconnect"
            """,
            output,
            ignoreLineEndingDifferences: true);
        await Eventually.IsTrueAsync(() => server.Registry.Count == 0, "all sessions have ended");
        Assert.Equal((3, 0), (server.Hub.LeaveCount, server.Hub.MemberCount));
    }
}
