using System.Net;
using System.Net.WebSockets;

namespace Levee.Gateway.Tests.Phoenix;

public sealed class PhoenixUpgradeTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_plain_get_is_told_what_to_do()
    {
        await using var server = await PhoenixServer.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var response = await http.GetAsync("/socket/websocket?vsn=2.0.0", Test);
        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
        Assert.Contains("Connect a Phoenix Channels client", await response.Content.ReadAsStringAsync(Test));
    }

    [Theory]
    [InlineData("9.0.0")]
    [InlineData("0.1")]
    [InlineData("2.0.0.0")]
    [InlineData("2.x")]
    [InlineData("-2")]
    [InlineData("two")]
    public async Task An_unsupported_version_is_refused_at_the_upgrade_with_a_text(string vsn)
    {
        await using var server = await PhoenixServer.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(server.SocketAddress(vsn), Test));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.HttpAddress, $"/socket/websocket?vsn={vsn}"));
        request.Headers.Add("Connection", "Upgrade");
        request.Headers.Add("Upgrade", "websocket");
        request.Headers.Add("Sec-WebSocket-Version", "13");
        request.Headers.Add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        using var response = await http.SendAsync(request, Test);
        Assert.Contains("Unsupported vsn", await response.Content.ReadAsStringAsync(Test));
    }

    [Theory]
    [InlineData(null, "1")]
    [InlineData("", "1")]
    [InlineData("1.0.0", "1")]
    [InlineData("1.2.3", "1")]
    [InlineData("2.0.0", "2")]
    [InlineData("2", "2")]
    [InlineData("3.0.0", "3")]
    [InlineData("3.0", "3")]
    public void A_version_chooses_its_serializer_by_its_first_number(string? vsn, string major)
    {
        var serializers = new Gateway.Phoenix.Serializers.PhoenixSerializers(
            Microsoft.Extensions.Options.Options.Create(new Gateway.Phoenix.PhoenixOptions()));
        Assert.StartsWith(major, serializers.Find(vsn)!.Version, StringComparison.Ordinal);
        Assert.Same(serializers.Find(vsn), serializers.Find(vsn));
    }

    [Fact]
    public async Task Compression_is_not_negotiated()
    {
        await using var server = await PhoenixServer.StartAsync();
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        socket.Options.CollectHttpResponseDetails = true;
        await socket.ConnectAsync(server.SocketAddress("2.0.0"), Test);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", socket.HttpResponseHeaders!.Keys, StringComparer.OrdinalIgnoreCase);
    }
}
