using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Server.Tests.SocketIo;
using Levee.Testing;

namespace Levee.Server.Tests.Host;

/// <summary>
/// A run of a server in which clients of all dialects do what is right and what is wrong, with a mark in every token and every content, at a
/// level of logging at which the server says all that it can: none of the marks may be in the log.
/// </summary>
public sealed class LogSecretsTests
{
    private const string Mark = "planted-9f2c";

    private readonly List<string> _tokens = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_token_secret_or_content_is_logged()
    {
        // Warnings of the platform are logged as they are in Production; its debug lines would show every request's query.
        var settings = new Dictionary<string, string> { ["Logging:LogLevel:Levee"] = "Trace", ["Logging:LogLevel:Default"] = "Information" };
        await using var server = await LeveeTestServer.StartAsync(settings, Ct);
        var document = await TestDocument.CreateAsync(server);
        await UsePhoenixAsync(document);
        await UseSocketIoAsync(document);
        await UseRestAsync(document);
        await FailInsideAsync(server);

        var log = server.Log;
        // It was there, and listened.
        Assert.Contains(document.Id, log, StringComparison.Ordinal);
        Assert.Contains("nacked", log, StringComparison.Ordinal);
        Assert.Contains("session failed", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Mark, log, StringComparison.Ordinal);
        Assert.DoesNotContain(TestTenants.Default.Secret, log, StringComparison.Ordinal);
        foreach (var part in _tokens.SelectMany(token => token.Split('.')).Where(part => part.Length > 20))
        {
            Assert.DoesNotContain(part, log, StringComparison.Ordinal);
        }
    }

    private async Task UsePhoenixAsync(TestDocument document)
    {
        foreach (var format in Enum.GetValues<ChannelFormat>())
        {
            await using var client = await DocumentClient.JoinAsync(document, format);
            foreach (var bad in new[] { TestTokens.Expired(document.Id), TestTokens.WrongSecret(document.Id), TestTokens.WithoutScopes(document.Id), Mark })
            {
                Assert.NotNull(await client.TryConnectAsync(document.ConnectMessage(Kept(bad))));
            }

            await client.ConnectAsync(document.ConnectMessage(Kept(document.FullAccess)));
            await client.WriteAsync(client.Op(Mark));
            await client.SignalAsync(new { content = Mark });
            await client.AskAsync(Mark, new { a = Mark });
            await client.AskAsync("submitOp", new { clientId = client.Id, messageBatches = new object[] { new object[] { Mark } } });
            await client.AskAsync("submitOp", new { clientId = Mark, messageBatches = new object[] { new[] { client.Op(Mark) } } });
            await client.AskAsync("submitSignal", new { clientId = client.Id, contentBatches = Mark });
            await client.AskAsync("noop", new { clientId = client.Id, referenceSequenceNumber = Mark });
            await client.AskAsync("submitOp", new { clientId = client.Id, messageBatches = new object[] { new[] { DocumentClient.NumberedOp(99, Mark) } } });
            await client.AskAsync("submitOp", new { clientId = client.Id, messageBatches = new object[] { new[] { client.Op(Mark, reference: 1 << 30) } } });
        }
    }

    private async Task UseSocketIoAsync(TestDocument document)
    {
        foreach (var transport in Enum.GetValues<SocketIoTransport>())
        {
            await using (var refused = await StockClient.OpenAsync(document, transport))
            {
                await refused.RefusedAsync(StockClient.Message(document, Kept(TestTokens.Expired(document.Id))));
                await refused.RefusedAsync(StockClient.Message(document, Kept(TestTokens.WrongSecret(document.Id))));
                await refused.RefusedAsync(StockClient.Message(document, Mark));
            }

            await using var client = await StockClient.ConnectAsync(document, Kept(document.FullAccess), transport: transport);
            await client.WriteAsync(client.Op(Mark));
            await client.Socket.EmitAsync(Mark, Mark);
            await client.Socket.EmitAsync("submitOp", Mark, new[] { new[] { client.Op(Mark) } });
            await client.EventAsync("nack");
            await client.Socket.EmitAsync("submitOp", client.Id, Mark);
            await client.EventAsync("nack");
            await client.Socket.EmitAsync("submitSignal", client.Id, new JsonObject { ["content"] = Mark });
            await client.EventAsync("nack");
            await client.SubmitAsync(DocumentClient.NumberedOp(99, Mark));
            await client.EventAsync("nack");
            await SendBrokenAsync(client.Socket, transport);
        }
    }

    /// <summary>A packet that is no JSON ends the session; by polling the sender is told so at once.</summary>
    private static Task SendBrokenAsync(SocketIoClient socket, SocketIoTransport transport)
    {
        var sending = socket.SendAsync($"42{{\"{Mark}\":", Ct);
        return transport == SocketIoTransport.Polling ? Assert.ThrowsAsync<SocketIoExpectationException>(() => sending) : sending;
    }

    private async Task UseRestAsync(TestDocument document)
    {
        var git = $"/repos/{document.Tenant}/git";
        await document.AskAsync(HttpMethod.Post, $"{git}/blobs", new { content = Mark, encoding = "utf-8" });
        await document.AskAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}");
        foreach (var bad in new[] { TestTokens.Expired(document.Id), TestTokens.WrongSecret(document.Id), TestTokens.ReadOnly("another"), Mark })
        {
            using var refused = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}", token: Kept(bad));
            Assert.False(refused.IsSuccessStatusCode);
        }

        foreach (var path in new[] { $"/documents/{document.Tenant}", $"{git}/blobs", $"{git}/trees", $"{git}/commits", $"{git}/refs", $"{git}/summaries" })
        {
            using var refused = await document.SendAsync(HttpMethod.Post, path, new { tree = Mark, summary = Mark, message = 1, content = new[] { Mark } });
            Assert.False(refused.IsSuccessStatusCode, path);
        }

        using var query = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}?from={Mark}&token={Mark}");
    }

    private async Task FailInsideAsync(LeveeTestServer server)
    {
        var spoiled = await TestDocument.CreateAsync(server);
        await spoiled.SpoilInitialStateAsync();
        await using var client = await DocumentClient.JoinAsync(spoiled);
        Assert.NotNull(await client.TryConnectAsync(spoiled.ConnectMessage(Kept(spoiled.FullAccess))));
    }

    private string Kept(string token)
    {
        _tokens.Add(token);
        return token;
    }
}
