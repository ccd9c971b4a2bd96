using System.Net;
using System.Text.Json;
using Levee.Server.Tests.Documents;
using Levee.Server.Tests.SocketIo;
using Levee.Storage;
using Levee.Testing;

namespace Levee.Server.Tests.Storage;

/// <summary>A store that fails below a real server: nothing is said that is not kept, everybody is told, and all is well when it works again.</summary>
public sealed class InjectedFaultTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_that_fails_is_neither_acknowledged_nor_seen_and_ends_the_connections_of_both_kinds()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read");
        await using var stock = await StockClient.ConnectAsync(document);
        Assert.Equal("ok", (await writer.SubmitAsync(writer.Op("kept"))).Status);
        await stock.ReceiveAsync(op => op.Text("contents") == "kept");

        server.Storage.FailWrites(1);
        await writer.PushAsync("submitOp", new { clientId = writer.Id, messageBatches = new[] { new[] { writer.Op("lost") } } });

        await writer.FrameAsync("phx_error");
        await reader.FrameAsync("phx_error");
        Assert.Equal("41", await stock.Socket.ExpectPacketAsync("41", cancellationToken: Ct));
        await writer.AssertNoneAsync("phx_reply");
        Assert.DoesNotContain("lost", await LogAsync(document), StringComparison.Ordinal);
        Assert.DoesNotContain(stock.Received, op => op.Text("contents") == "lost");

        // The same clients come again, and go on from where they were.
        await using var again = await document.ConnectAsync();
        await using var stockAgain = await StockClient.ConnectAsync(document);
        Assert.Equal("ok", (await again.SubmitAsync(again.Op("once more"))).Status);
        await stockAgain.ReceiveAsync(op => op.Text("contents") == "once more");
        await RequireContiguousAsync(document);
    }

    [Fact]
    public async Task While_nothing_can_be_written_everybody_is_told_to_come_again()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var health = new HealthProbe(server.Url);
        var document = await TestDocument.CreateAsync(server);
        Assert.Null(await health.ReasonsAsync());

        server.Storage.FailWrites();
        await using (var client = await DocumentClient.JoinAsync(document))
        {
            var refusal = await client.TryConnectAsync(document.ConnectMessage());
            Assert.Equal((503L, "storage_unavailable"), (refusal!.Value.Number("code"), refusal.Value.Text("reason")));
            // On the same channel, and with the same answer.
            Assert.NotNull(await client.TryConnectAsync(document.ConnectMessage()));
        }

        await using (var stock = await StockClient.OpenAsync(document))
        {
            var refusal = await stock.RefusedAsync(StockClient.Message(document));
            Assert.Equal((503L, 5L), (refusal.Number("code"), refusal.Number("retryAfter")));
        }

        foreach (var (path, body) in Writes(document))
        {
            using var answer = await document.SendAsync(HttpMethod.Post, path, body, TestTokens.FullAccess(document.Id + "x"));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter?.Delta);
            Assert.Contains("Storage is unavailable; try again", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        Assert.Equal(["storage"], (await health.ReasonsAsync())!.Keys);
        await health.RequireLiveAsync();
        // Reading goes on, of documents and by readers.
        using (var answer = await document.SendAsync(HttpMethod.Get, $"/documents/{document.Tenant}/{document.Id}"))
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        await using var reader = await document.ConnectAsync(mode: "read");
        server.Storage.Heal();
        await health.UntilReadyAsync();
        await using var back = await document.ConnectAsync();
        Assert.Equal("ok", (await back.SubmitAsync(back.Op("back"))).Status);
        await RequireContiguousAsync(document);
    }

    [Fact]
    public async Task A_document_that_can_not_be_read_is_refused_and_comes_back()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var document = await TestDocument.CreateAsync(server);
        server.Storage.FailReads();
        await using var client = await DocumentClient.JoinAsync(document);
        Assert.Equal("storage_unavailable", (await client.TryConnectAsync(document.ConnectMessage()))!.Value.Text("reason"));
        using (var answer = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        server.Storage.Heal();
        Assert.Null(await client.TryConnectAsync(document.ConnectMessage()));
    }

    [Fact]
    public async Task What_is_damaged_is_an_error_that_nobody_tries_again_for_ever()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var document = await TestDocument.CreateAsync(server);
        server.Storage.FailReads(fault: StorageFault.Damaged);
        await using var client = await DocumentClient.JoinAsync(document);
        var refusal = await client.TryConnectAsync(document.ConnectMessage());
        Assert.Equal((500L, "session_start_failed"), (refusal!.Value.Number("code"), refusal.Value.Text("reason")));
        using var answer = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Null(answer.Headers.RetryAfter);
        Assert.Contains("damaged", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_writing_stalls_nothing_is_acknowledged_or_seen_and_reading_goes_on()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync();
        await using var reader = await document.ConnectAsync(mode: "read");
        await writer.SubmitAsync(writer.Op("first"));

        server.Storage.StallWrites();
        var reference = await writer.PushAsync(
            "submitOp", new { clientId = writer.Id, messageBatches = new[] { new[] { writer.Op("stalled") } } });
        await Until.TrueAsync(() => server.Storage.StalledWrites == 1);
        Assert.DoesNotContain("stalled", await LogAsync(document), StringComparison.Ordinal);
        // What is not written goes through: a signal overtakes the op that waits.
        await writer.PushAsync("submitSignal", new { clientId = writer.Id, contentBatches = new[] { new[] { "\"hello\"" } } });
        await reader.EventAsync("signal");
        await writer.AssertNoneAsync("phx_error");

        server.Storage.Resume();
        Assert.Equal("ok", (await writer.ReplyAsync(reference)).Status);
        await RequireContiguousAsync(document);
    }

    [Fact]
    public async Task A_server_that_drains_is_live_and_not_ready()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var health = new HealthProbe(server.Url);
        var document = await TestDocument.CreateAsync(server);
        await using var writer = await document.ConnectAsync();
        Assert.Null(await health.ReasonsAsync());

        // Its leave can not be written, so the stop takes its time.
        var storage = server.Storage;
        storage.StallWrites();
        var stopping = server.StopAsync(Ct);
        await Until.TrueAsync(() => storage.StalledWrites == 1);
        Assert.Equal("The server is shutting down.", (await health.ReasonsAsync())!["draining"]);
        await health.RequireLiveAsync();
        storage.Resume();
        await stopping;
    }

    private static IEnumerable<(string Path, object Body)> Writes(TestDocument document) =>
    [
        ($"/documents/{document.Tenant}", new { id = document.Id + "x" }),
        ($"/repos/{document.Tenant}/git/blobs", new { content = "x", encoding = "utf-8" }),
    ];

    private static async Task<string> LogAsync(TestDocument document)
    {
        using var answer = await document.SendAsync(HttpMethod.Get, $"/deltas/{document.Tenant}/{document.Id}");
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Ct);
    }

    private static async Task RequireContiguousAsync(TestDocument document)
    {
        using var log = JsonDocument.Parse(await LogAsync(document));
        var numbers = log.RootElement.GetProperty("value").EnumerateArray().Select(message => message.Number("sequenceNumber")).ToList();
        Assert.Equal(Enumerable.Range(1, numbers.Count).Select(n => (long)n), numbers.Select(n => (long)n!));
    }
}
