using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class RefusalTests
{
    private static readonly Dictionary<string, string> ImpatientWithSilence =
        new() { ["Levee:Sessions:IdleClientTimeout"] = "00:00:01" };

    private static readonly Dictionary<string, string> WithSmallFrames = new() { ["Levee:Phoenix:MaxFrameBytes"] = "32768" };

    [Fact]
    public async Task A_client_that_was_made_to_leave_connects_anew_and_submits_again()
    {
        await using var server = await LeveeTestServer.StartAsync(ImpatientWithSilence, TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var firstClientId = document.Connection.ClientId;
        var nacks = new List<NackContent>();
        document.Nacked += nacks.Add;
        await document.ReadUntilAsync(message => message.Type == MessageType.Leave);

        await document.SubmitAsync("late", TestContext.Current.CancellationToken).Soon();

        Assert.Equal(["late"], (await document.ReadOpsAsync(1)).OpTexts());
        Assert.Equal(NackErrorType.BadRequest, Assert.Single(nacks).Type);
        Assert.NotEqual(firstClientId, document.Connection.ClientId);
    }

    [Fact]
    public async Task An_op_that_is_refused_every_time_fails_alone()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        var before = document.SubmitAsync("before", TestContext.Current.CancellationToken);
        var refused = document.SubmitBatchAsync(
            [LeveeOp.Of("forged") with { Type = MessageType.Leave }], TestContext.Current.CancellationToken);
        var after = document.SubmitAsync("after", TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<LeveeRefusedException>(refused.Soon);
        Assert.Equal((400, NackErrorType.BadRequest), (refusal.Code, refusal.Reason));
        await Task.WhenAll(before, after).Soon();
        Assert.Equal(["before", "after"], (await document.ReadOpsAsync(2)).OpTexts());
    }

    [Theory]
    [InlineData(WireFormat.Json)]
    [InlineData(WireFormat.MessagePack)]
    public async Task A_batch_that_is_too_large_for_a_frame_fails_alone(WireFormat format)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { Format = format });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var ops = Enumerable.Repeat(LeveeOp.Of(new string('x', document.Connection.MaxMessageSize - 2)), 5).ToList();

        var before = document.SubmitAsync("before", TestContext.Current.CancellationToken);
        var refused = document.SubmitBatchAsync(ops, TestContext.Current.CancellationToken);
        var after = document.SubmitAsync("after", TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<LeveeRefusedException>(refused.Soon);
        Assert.Equal((413, NackErrorType.BadRequest), (refusal.Code, refusal.Reason));
        Assert.Contains("too large", refusal.Message, StringComparison.Ordinal);
        await Task.WhenAll(before, after).Soon();
        Assert.Equal(["before", "after"], (await document.ReadOpsAsync(2)).OpTexts());
    }

    [Fact]
    public async Task A_signal_that_is_too_large_for_a_frame_is_not_held_against_a_submission()
    {
        await using var server = await LeveeTestServer.StartAsync(WithSmallFrames, TestContext.Current.CancellationToken);
        await using var proxy = await SocketProxy.StartAsync(server.Url, TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { ServerUrl = proxy.Url });
        using var direct = server.CreateClient();
        var id = await direct.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var sent = new TaskCompletionSource();
        var drops = 0;
        // The submission is lost on its way, so that it is still open when the connection is closed for the signal's sake.
        proxy.FromClient = frame =>
        {
            if (!frame.Contains("\"innocent\"", StringComparison.Ordinal) || Interlocked.Increment(ref drops) > 1)
            {
                return Verdict.Pass;
            }

            sent.TrySetResult();
            return Verdict.Drop;
        };

        var innocent = document.SubmitAsync("innocent", TestContext.Current.CancellationToken);
        await sent.Task.Soon();
        await document.SendSignalAsync(new string('x', 64 << 10), cancellationToken: TestContext.Current.CancellationToken);

        await innocent.Soon();
        Assert.Equal(["innocent"], (await document.ReadOpsAsync(1)).OpTexts());
    }

    [Fact]
    public async Task A_missing_scope_ends_the_document_and_everything_that_waits_on_it()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var creator = server.CreateClient();
        var id = await creator.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { TokenProvider = null, Token = TestTokens.ReadWrite(id) });
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        var submission = document.SubmitBatchAsync(
            [LeveeOp.Of("{}") with { Type = MessageType.Summarize }], TestContext.Current.CancellationToken);

        var refusal = await Assert.ThrowsAsync<LeveeRefusedException>(submission.Soon);
        Assert.Equal((403, NackErrorType.InvalidScope), (refusal.Code, refusal.Reason));
        Assert.Same(refusal, await Assert.ThrowsAsync<LeveeRefusedException>(document.Completion.Soon));
        Assert.Same(refusal, await Assert.ThrowsAsync<LeveeRefusedException>(() => document.ReadUntilAsync(_ => false)));
        Assert.Equal(LeveeConnectionState.Closed, document.State);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_asked_for_once_more()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var asked = 0;
        using var client = server.CreateClient(options => options with
        {
            TokenProvider = (id, _) => ValueTask.FromResult(
                Interlocked.Increment(ref asked) % 2 == 1 ? TestTokens.Expired(id) : TestTokens.FullAccess(id)),
        });

        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await document.SubmitAsync("before", TestContext.Current.CancellationToken).Soon();
        await server.RestartAsync(TestContext.Current.CancellationToken);
        await document.SubmitAsync("after", TestContext.Current.CancellationToken).Soon();

        Assert.Equal(["before", "after"], (await document.ReadOpsAsync(2)).OpTexts());
        Assert.Equal(0, asked % 2);
    }

    [Theory]
    [InlineData("expired", 401, "token_expired")]
    [InlineData("wrong secret", 401, "invalid_signature")]
    [InlineData("other document", 403, "document_mismatch")]
    [InlineData("read only", 403, "missing_scope")]
    public async Task A_connection_that_is_refused_says_with_which_code_and_reason(string kind, int code, string reason)
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var creator = server.CreateClient();
        var id = await creator.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        var token = kind switch
        {
            "expired" => TestTokens.Expired(id),
            "wrong secret" => TestTokens.WrongSecret(id),
            "other document" => TestTokens.FullAccess("another"),
            _ => TestTokens.ReadOnly(id),
        };
        using var client = server.CreateClient(options => options with { TokenProvider = null, Token = token });

        var refusal = await Assert.ThrowsAsync<LeveeRefusedException>(
            () => client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal((code, reason), (refusal.Code, refusal.Reason));
    }

    [Fact]
    public async Task A_document_that_does_not_exist_is_404_and_one_that_exists_is_not_created_again()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();

        var missing = await Assert.ThrowsAsync<LeveeRefusedException>(
            () => client.ConnectAsync("nowhere", cancellationToken: TestContext.Current.CancellationToken));
        var id = await client.CreateDocumentAsync("here", cancellationToken: TestContext.Current.CancellationToken);
        var existing = await Assert.ThrowsAsync<LeveeRefusedException>(
            () => client.CreateDocumentAsync("here", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("here", id);
        Assert.Equal((404, "session_not_found"), (missing.Code, missing.Reason));
        Assert.Equal(409, existing.Code);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_a_transport_failure()
    {
        using var client = new LeveeClient(
            new LeveeClientOptions { ServerUrl = new Uri("http://127.0.0.1:1"), TenantId = "t", Token = "none" });

        await Assert.ThrowsAsync<LeveeTransportException>(
            () => client.ConnectAsync("d", cancellationToken: TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<LeveeTransportException>(
            () => client.CreateDocumentAsync("d", cancellationToken: TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_callers_own_mistakes_are_told_before_anything_is_sent()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { Format = WireFormat.MessagePack });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var reader = await client.ConnectAsync(id, ConnectionMode.Read, TestContext.Current.CancellationToken);
        var cancellation = TestContext.Current.CancellationToken;

        Assert.Throws<ArgumentException>(() => new LeveeOp("{\"a\":"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => new LeveeOp("1 2"u8.ToArray()));
        await Assert.ThrowsAsync<ArgumentException>(() => document.SubmitBatchAsync([], cancellation));
        await Assert.ThrowsAsync<ArgumentException>(
            () => document.SubmitAsync(new string('x', document.Connection.MaxMessageSize), cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => document.SubmitBatchAsync([new LeveeOp("\"\\ud800\""u8.ToArray())], cancellation));
        await Assert.ThrowsAsync<InvalidOperationException>(() => reader.SubmitAsync("no", cancellation));
    }
}
