using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Levee.Server.Tests.Tokens;

/// <summary>HTTP requests as they are written here, for what clients of the platform would put right before they send it.</summary>
internal static class RawHttp
{
    /// <summary>Sends a request, and reads until the server closes or the answer is complete.</summary>
    /// <param name="server">Where.</param>
    /// <param name="line">Method and target, such as <c>GET /a/../b</c>; each character is one byte.</param>
    /// <param name="headers">Beside <c>Host</c>, <c>Connection</c> and the body's length.</param>
    /// <param name="body">The body; none when null.</param>
    public static async Task<(int Status, string Body)> SendAsync(
        Uri server, string line, (string Name, string Value)[] headers, string? body = null)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(TimeSpan.FromSeconds(60));
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(server.Host, server.Port, timeout.Token);
        var stream = tcp.GetStream();
        var content = Encoding.UTF8.GetBytes(body ?? "");
        var head = new StringBuilder($"{line} HTTP/1.1\r\nHost: {server.Authority}\r\nConnection: close\r\n");
        foreach (var (name, value) in headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (body is not null)
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {content.Length}\r\n");
        }

        head.Append("\r\n");
        var reading = ReadAsync(stream, timeout.Token);
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), timeout.Token);
            await stream.WriteAsync(content, timeout.Token);
        }
        catch (IOException)
        {
            // It has answered before it read everything, and closed.
        }

        return Parse(await reading);
    }

    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var received = new MemoryStream();
        var buffer = new byte[16 * 1024];
        try
        {
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                received.Write(buffer, 0, read);
            }
        }
        catch (IOException)
        {
            // A reset after the answer, for what was not read of the request.
        }

        return Encoding.UTF8.GetString(received.ToArray());
    }

    private static (int Status, string Body) Parse(string answer)
    {
        Assert.StartsWith("HTTP/1.1 ", answer, StringComparison.Ordinal);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return (int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture), end < 0 ? "" : answer[(end + 4)..]);
    }
}
