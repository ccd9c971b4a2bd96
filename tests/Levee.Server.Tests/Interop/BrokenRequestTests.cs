using System.Net.Sockets;
using System.Text;
using Levee.Testing;

namespace Levee.Server.Tests.Interop;

/// <summary>Requests that fuzzing found: each is answered as the contract says, and the log knows of no failure.</summary>
public sealed class BrokenRequestTests
{
    private const string Form = "application/x-www-form-urlencoded;restless";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", 200)]
    [InlineData("PATCH", 400)]
    public async Task A_path_that_ends_before_the_name_of_the_ref_is_answered_and_not_thrown(string method, int status)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        const string Body = """{"sha":"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"}""";
        var answer = await SendAsync(server, $"""
            {method} /repos/dev-tenant/git/refs/ HTTP/1.1
            Host: x
            Authorization: Bearer {TestTokens.FullAccess("d")}
            Connection: close
            Content-Length: {Body.Length}

            {Body}
            """);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", answer, StringComparison.Ordinal);
        RequireQuiet(server);
    }

    [Theory]
    [InlineData("application/json", """{"content":""")]
    [InlineData(Form, "method=POST&header=Authorization%3A+Bearer+TOKEN&body=%7B%22content")]
    [InlineData(Form, "method=POST&header=Authorization%3A+Bearer+TOKEN&body=%zz")]
    [InlineData(Form, "method=POST&header=Auth")]
    [InlineData(Form, "method=NONE&header=Auth")]
    [InlineData(Form, "method=POST&header=Authorization%3A+Bearer+no-token&body=%7B%22content")]
    [InlineData(Form, "method=PATCH&body=%7B%22content")]
    public async Task A_client_that_goes_within_its_body_is_no_failure_of_the_server(string contentType, string body)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var token = TestTokens.FullAccess("d");
        for (var i = 0; i < 50; i++)
        {
            await SendAsync(
                server,
                $"""
                POST /repos/dev-tenant/git/blobs HTTP/1.1
                Host: x
                Authorization: Bearer {token}
                Content-Type: {contentType}
                Content-Length: 5000

                {body.Replace("TOKEN", token, StringComparison.Ordinal)}
                """,
                goes: true);
        }

        RequireQuiet(server);
    }

    [Theory]
    [InlineData("application/json", "")]
    [InlineData(Form, "")]
    [InlineData(Form, "method=POST&header=Authorization%3A+Bearer+TOKEN&body=%7B%22content")]
    public async Task A_chunk_whose_size_is_beyond_all_numbers_is_a_bad_request_and_no_failure_of_the_server(string contentType, string first)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var token = TestTokens.FullAccess("d");
        var chunk = first.Replace("TOKEN", token, StringComparison.Ordinal);
        var answer = await SendAsync(server, $"""
            POST /repos/dev-tenant/git/blobs HTTP/1.1
            Host: x
            Authorization: Bearer {token}
            Content-Type: {contentType}
            Transfer-Encoding: chunked

            {(chunk.Length == 0 ? "" : $"{chunk.Length:x}\n{chunk}\n")}123456789012345678901234567890
            {chunk}
            """);
        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"error\":", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        RequireQuiet(server);
    }

    /// <summary>Sends the text and reads what comes until the server ends the connection, with an answer or without.</summary>
    private static async Task<string> SendAsync(LeveeTestServer server, string request, bool goes = false)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port, Ct);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request.ReplaceLineEndings("\r\n")), Ct);
        if (goes)
        {
            client.Client.Shutdown(SocketShutdown.Send);
        }

        try
        {
            using var reader = new StreamReader(stream);
            return await reader.ReadToEndAsync(Ct);
        }
        catch (IOException) when (goes)
        {
            return "";
        }
    }

    private static void RequireQuiet(LeveeTestServer server) => Assert.False(
        server.Log.Contains(" Error ", StringComparison.Ordinal)
            || server.Log.Contains(" Warning Microsoft", StringComparison.Ordinal)
            || server.Log.Contains("Exception", StringComparison.Ordinal),
        server.Log);
}
