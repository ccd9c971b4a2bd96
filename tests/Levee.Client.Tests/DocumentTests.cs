using Levee.Protocol;
using Levee.Testing;

namespace Levee.Client.Tests;

public sealed class DocumentTests
{
    [Fact]
    public async Task Signals_reach_whom_they_are_for_and_never_the_sender()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var ann = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var bob = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var eve = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        string[] onlyBob = [bob.Connection.ClientId];

        Assert.True(await ann.SendSignalAsync("to bob", new SignalTarget(onlyBob, null, null), TestContext.Current.CancellationToken));
        Assert.True(await ann.SendSignalAsync("not bob", new SignalTarget(null, onlyBob, null), TestContext.Current.CancellationToken));
        Assert.True(await ann.SendSignalAsync(
            "bob alone", new SignalTarget(null, null, bob.Connection.ClientId), TestContext.Current.CancellationToken));
        Assert.True(await ann.SendSignalAsync("to all", cancellationToken: TestContext.Current.CancellationToken));
        Assert.True(await bob.SendSignalAsync("back", cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(["to bob", "bob alone", "to all"], await SignalsAsync(bob, "to all"));
        // Bob's own may come before or after Ann's last.
        Assert.Equal(["back", "not bob", "to all"], (await SignalsAsync(eve, "to all", "back")).Order());
        Assert.Equal(["back"], await SignalsAsync(ann, "back"));
    }

    [Fact]
    public async Task A_consumer_that_does_not_read_costs_bounded_memory_and_misses_nothing()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { MaxBufferedMessages = 8, MaxPendingSubmissions = 4 });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        await Task.WhenAll(Enumerable.Range(0, 300).Select(
            i => document.SubmitAsync($"op {i}", TestContext.Current.CancellationToken))).Soon();

        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"op {i}"), (await document.ReadOpsAsync(300)).OpTexts());
    }

    [Fact]
    public async Task A_reader_may_start_anywhere_and_go_over_from_history_to_what_is_new()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var writer = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var old = Enumerable.Range(0, 2500).Select(i => LeveeOp.Of($"old {i}")).ToList();
        await writer.SubmitBatchAsync(old, TestContext.Current.CancellationToken).Soon();
        await using var late = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        var all = late.ReadUntilAsync(IsLast, after: 0);
        var tail = late.ReadUntilAsync(IsLast, after: 2000);
        await writer.SubmitAsync("last", TestContext.Current.CancellationToken).Soon();

        Assert.Equal(2501, (await all).OpTexts().Count());
        Assert.Equal(2001, (await tail)[0].SequenceNumber);
        var history = new List<SequencedMessage>();
        await foreach (var message in client.ReadHistoryAsync(id, cancellationToken: TestContext.Current.CancellationToken))
        {
            history.Add(message);
        }

        Assert.Equal((await all).Select(message => message.Json.ToArray()), history.Take((await all).Count).Select(message => message.Json.ToArray()));

        static bool IsLast(SequencedMessage message) => message.Type == MessageType.Op && message.ReadContents<string>() == "last";
    }

    [Fact]
    public async Task A_client_that_only_reads_in_write_mode_lets_the_MSN_rise()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient(options => options with { NoOpInterval = TimeSpan.FromMilliseconds(50) });
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var writer = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        await using var idle = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);

        await writer.SubmitAsync("op", TestContext.Current.CancellationToken).Soon();
        var op = (await writer.ReadOpsAsync(1))[^1].SequenceNumber;

        await writer.ReadUntilAsync(message => message.MinimumSequenceNumber >= op);
    }

    [Fact]
    public async Task Disposing_leaves_at_once_ends_readers_and_fails_what_comes_after()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var other = await client.ConnectAsync(id, ConnectionMode.Read, TestContext.Current.CancellationToken);
        var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        var states = new List<LeveeConnectionState>();
        document.StateChanged += states.Add;
        var reading = document.ReadUntilAsync(_ => false);

        await document.DisposeAsync();

        await reading.Soon();
        await document.Completion.Soon();
        await other.ReadUntilAsync(message =>
            message.Type == MessageType.Leave && SystemMessage.ReadLeave(message.Envelope) == document.Connection.ClientId);
        Assert.Equal([LeveeConnectionState.Closed], states);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => document.SubmitAsync("late", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Reconnecting_is_told_and_signals_meanwhile_say_that_they_were_not_sent()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        using var client = server.CreateClient();
        var id = await client.CreateDocumentAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var document = await client.ConnectAsync(id, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(LeveeConnectionState.Connected, document.State);

        await server.StopAsync(TestContext.Current.CancellationToken);
        await document.ReachesAsync(LeveeConnectionState.Reconnecting);
        Assert.False(await document.SendSignalAsync("lost", cancellationToken: TestContext.Current.CancellationToken));
        await server.StartAgainAsync(TestContext.Current.CancellationToken);

        await document.ReachesAsync(LeveeConnectionState.Connected);
    }

    private static async Task<List<string>> SignalsAsync(LeveeDocument document, params string[] last)
    {
        var left = last.ToHashSet();
        var signals = new List<string>();
        await foreach (var signal in document.ReadSignalsAsync(TestContext.Current.CancellationToken))
        {
            var text = signal.ReadContent<string>()!;
            signals.Add(text);
            left.Remove(text);
            if (left.Count == 0)
            {
                break;
            }
        }

        return signals;
    }
}
