using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class ReconnectTests
{
    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task Ops_submitted_across_restarts_of_the_server_are_sequenced_exactly_once_and_read_without_gap(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { Format = format });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var writer = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var reader = await client.ConnectAsync(id, ConnectionMode.Read, TestContext.Current.CancellationToken);
        var read = reader.ReadUntilAsync(message => message.Type == MessageType.Op && message.ReadContents<string>() == "end");

        var sent = 0;
        using var stop = new CancellationTokenSource();
        var writing = WriteAsync(writer, () => sent++, stop.Token);
        for (var restart = 0; restart < 3; restart++)
        {
            await writer.SubmitAsync($"mark {restart}", TestContext.Current.CancellationToken).Soon();
            await server.RestartAsync(TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await writing.Soon();
        await writer.SubmitAsync("end", TestContext.Current.CancellationToken).Soon();

        var ops = (await read).OpTexts().Where(text => text.StartsWith("op ", StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(0, sent).Select(i => $"op {i}"), ops);
        Assert.NotEqual(0, sent);
    }

    [Theory]
    [InlineData((int)Verdict.Cut)]
    [InlineData((int)Verdict.PassAndCut)]
    public async Task An_op_whose_connection_breaks_while_it_is_sent_is_sequenced_exactly_once(int verdict)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var proxy = await SocketProxy.StartAsync(server.Url, TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { ServerUrl = proxy.Url });
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var firstClientId = document.Connection.ClientId;
        var cuts = 0;
        proxy.FromClient = frame => frame.Contains("\"once\"", StringComparison.Ordinal) && Interlocked.Increment(ref cuts) == 1
            ? (Verdict)verdict
            : Verdict.Pass;

        await document.SubmitAsync("once", TestContext.Current.CancellationToken).Soon();
        await document.SubmitAsync("last", TestContext.Current.CancellationToken).Soon();

        Assert.Equal(["once", "last"], (await document.ReadOpsAsync(2)).OpTexts());
        Assert.NotEqual(firstClientId, document.Connection.ClientId);
    }

    [Fact]
    public async Task An_op_whose_answer_is_lost_is_not_sent_again()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var proxy = await SocketProxy.StartAsync(server.Url, TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { ServerUrl = proxy.Url });
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var cuts = 0;
        var submissions = 0;
        proxy.FromClient = frame =>
        {
            submissions += frame.Contains("\"once\"", StringComparison.Ordinal) ? 1 : 0;
            return Verdict.Pass;
        };
        // Whatever the server says after the op, reply or broadcast, the first of it is lost with the connection.
        proxy.FromServer = _ => Volatile.Read(ref submissions) == 1 && Interlocked.Increment(ref cuts) == 1 ? Verdict.Cut : Verdict.Pass;

        await document.SubmitAsync("once", TestContext.Current.CancellationToken).Soon();
        await document.SubmitAsync("last", TestContext.Current.CancellationToken).Soon();

        Assert.Equal(["once", "last"], (await document.ReadOpsAsync(2)).OpTexts());
        Assert.Equal(1, submissions);
    }

    [Fact]
    public async Task A_hole_in_what_the_server_sends_is_mended_by_asking_for_the_ops()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var proxy = await SocketProxy.StartAsync(server.Url, TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { ServerUrl = proxy.Url });
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var reader = await client.ConnectAsync(id, ConnectionMode.Read, TestContext.Current.CancellationToken);
        await using var writer = await direct.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var dropped = 0;
        var requests = 0;
        proxy.FromServer = frame =>
            frame.Contains("\"dropped\"", StringComparison.Ordinal) && Interlocked.Increment(ref dropped) == 1 ? Verdict.Drop : Verdict.Pass;
        proxy.FromClient = frame =>
        {
            requests += frame.Contains("\"requestOps\"", StringComparison.Ordinal) ? 1 : 0;
            return Verdict.Pass;
        };

        foreach (var text in new[] { "before", "dropped", "after" })
        {
            await writer.SubmitAsync(text, TestContext.Current.CancellationToken).Soon();
        }

        Assert.Equal(["before", "dropped", "after"], (await reader.ReadOpsAsync(3)).OpTexts());
        Assert.Equal(1, requests);
        Assert.Equal(LeveeConnectionState.Connected, reader.State);
    }

    [Fact]
    public async Task A_client_outlives_a_server_that_is_killed()
    {
        await using var server = await LeveeServerProcess.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = new LeveeClient(new LeveeClientOptions
        {
            ServerUrl = server.Url,
            TenantId = TestTenants.Default.Id,
            TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.FullAccess(documentId)),
        });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        await document.SubmitAsync("before", TestContext.Current.CancellationToken).Soon();
        await server.KillAsync(TestContext.Current.CancellationToken);
        await document.ReachesAsync(LeveeConnectionState.Reconnecting);
        var waiting = document.SubmitAsync("meanwhile", TestContext.Current.CancellationToken);
        await server.StartAgainAsync(TestContext.Current.CancellationToken);
        await waiting.Soon();

        Assert.Equal(["before", "meanwhile"], (await document.ReadOpsAsync(2)).OpTexts());
        Assert.Equal(0, await server.StopAsync(cancellationToken: TestContext.Current.CancellationToken));
    }

    private static async Task WriteAsync(LeveeDocument document, Func<int> next, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await document.SubmitAsync($"op {next()}", TestContext.Current.CancellationToken);
        }
    }
}
