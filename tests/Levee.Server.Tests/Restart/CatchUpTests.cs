using Levee.Client;
using Levee.Testing;

namespace Levee.Server.Tests.Restart;

/// <summary>A client that comes late to a long history, while others go on writing.</summary>
public sealed class CatchUpTests
{
    private const string Document = "long";
    private const int History = 20_000;
    private const int BatchSize = 500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_joins_after_twenty_thousand_ops_gets_every_one_while_four_others_write()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await WriteHistoryAsync(levee);
        var writers = Enumerable.Range(0, 4).Select(i => new RecordingClient(Document, $"writer-{i}")).ToList();
        await using var late = new RecordingClient(Document, "late");
        await Task.WhenAll(writers.Select(writer => writer.ConnectAsync(server.Url, Ct)));
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        await Task.WhenAll(writers.Select(writer => writer.SeesAsync(History, Ct)));
        var writing = Task.WhenAll(writers.Select(writer => KeepWritingAsync(writer, enough.Token)));

        var before = writers[0].LastSeen;
        await late.ConnectAsync(server.Url, Ct);
        await late.SeesAsync(History, Ct);
        Assert.True(writers[0].LastSeen > before, "nobody wrote while it caught up");
        // They go on until its catch-up has met the live stream.
        await late.SeesAsync(late.LastSeen + 200, Ct);
        await enough.CancelAsync();
        await writing;

        var log = await DocumentLog.ReadAsync(server.Url, Document, Ct);
        foreach (var client in writers.Append(late))
        {
            await client.SeesAsync(log.Messages.Count, Ct);
            Assert.Equal(log.Messages, client.Seen);
            Assert.Empty(client.Refusals);
        }

        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }
    }

    private static async Task WriteHistoryAsync(LeveeClient levee)
    {
        await using var document = await levee.ConnectAsync(Document, cancellationToken: Ct);
        for (var written = 0; written < History; written += BatchSize)
        {
            var first = written;
            await document.SubmitBatchAsync([.. Enumerable.Range(first, BatchSize).Select(i => LeveeOp.Of($"history {i}"))], Ct);
        }
    }

    private static async Task KeepWritingAsync(RecordingClient writer, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await writer.WriteAsync(20, Ct);
            Assert.Empty(writer.Refusals);
        }
    }
}
