using Levee.Protocol;
using Levee.Storage;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

public sealed class DocumentSessionTests
{
    [Fact]
    public async Task A_writer_is_connected_before_it_gets_its_own_join()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();

        await client.UntilOps(1);
        Assert.Equal(["signal", "connected", "ops"], client.Events);
        Assert.Equal(0, client.Connected!.CheckpointSequenceNumber);
        var join = client.Messages.Single();
        Assert.Equal((MessageType.Join, 1L, 0L), (join.Type, join.SequenceNumber, join.MinimumSequenceNumber));
        Assert.Contains(connection.ClientId, client.Ops[0]);
    }

    [Fact]
    public async Task A_reader_joins_the_audience_but_not_the_quorum()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (writer, writing) = await host.ConnectAsync();
        var (reader, reading) = await host.ConnectAsync(ConnectionMode.Read);

        Assert.Equal(
            new[] { writer.ClientId, reader.ClientId }.Order(), reading.Connected!.Clients.Select(member => member.ClientId).Order());
        await writing.Until(() => writing.Signals.Exists(signal => signal.Contains("join") && signal.Contains(reader.ClientId)));
        Assert.Single(await host.ReadLogAsync());
    }

    [Fact]
    public async Task Everybody_gets_the_bytes_that_are_stored()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (first, one) = await host.ConnectAsync();
        var (_, two) = await host.ConnectAsync(ConnectionMode.Read);

        await first.SubmitAsync(Ops(Op(1, contents: """ {"b" : 1,  "a":"\u00e9é"} """.Trim()), Op(2)));
        await one.UntilOps(3);
        await two.UntilOps(2);

        var log = await host.ReadLogAsync();
        Assert.Equal(log, one.Ops);
        Assert.Equal(log.Skip(1), two.Ops);
        Assert.Contains("""{"b" : 1,  "a":"\u00e9é"}""", log[1]);
    }

    [Fact]
    public async Task Nothing_is_visible_before_it_is_durable()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        var disk = new TaskCompletionSource();
        var reached = new TaskCompletionSource();
        host.Store.BeforeAppend = async _ =>
        {
            reached.TrySetResult();
            await disk.Task;
        };

        await connection.SubmitAsync(Ops(Op(1)));
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        // Sequenced behind the first, but held back as well.
        await connection.SubmitAsync(Ops(Op(2)));
        await connection.SignalAsync([Signal.Of("1"u8.ToArray())], 1);
        await client.Until(() => client.Signals.Any(signal => signal.EndsWith(":1")));
        Assert.Single(client.Ops);
        Assert.Empty(client.Answers);

        disk.SetResult();
        await client.UntilOps(3);
        await client.Until(() => client.Answers.Count == 2);
        Assert.Equal([1, 2, 3], client.Numbers);
    }

    [Fact]
    public async Task What_waits_while_the_log_is_busy_is_appended_together()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        var disk = new TaskCompletionSource();
        host.Store.BeforeAppend = async _ => await disk.Task;
        var before = host.Store.Appends;
        for (var i = 1; i <= 50; i++)
        {
            await connection.SubmitAsync(Ops(Op(i)));
        }

        disk.SetResult();
        await client.UntilOps(51);
        Assert.InRange(host.Store.Appends - before, 1, 3);
    }

    [Fact]
    public async Task An_append_that_fails_acknowledges_nothing_and_clients_are_told_to_come_again()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        host.Store.BeforeAppend = _ => throw new StorageException("The disk is full.");

        await connection.SubmitAsync(Ops(Op(1)));
        await client.Until(() => client.Ended is not null);
        Assert.Equal(SessionEnd.StorageUnavailable, client.Ended);
        Assert.Single(client.Ops);
        Assert.Empty(client.Answers);
        Assert.False(await connection.SubmitAsync(Ops(Op(2))));

        host.Store.BeforeAppend = null;
        var (again, back) = await host.ConnectAsync(lastSeen: 1);
        await again.SubmitAsync(Ops(Op(1)));
        // The ghost's leave, the own join, the op.
        await back.UntilOps(3);
        Assert.Equal([2, 3, 4], back.Numbers);
    }

    [Fact]
    public async Task A_session_that_was_overtaken_stands_down()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (stale, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        var (_, newer) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 0);
        await newer.UntilOps(3);

        await stale.SubmitAsync(Ops(Op(1)));
        await client.Until(() => client.Ended is not null);
        Assert.Equal(SessionEnd.Fenced, client.Ended);
        Assert.Single(client.Ops);
        Assert.Equal([1, 2, 3], newer.Numbers);
        Assert.Equal(3, (await host.ReadLogAsync()).Count);
    }

    [Fact]
    public async Task An_unknown_document_is_refused_and_costs_nothing_afterwards()
    {
        await using var host = new SessionHost();
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        await client.Until(() => client.Refused is not null);
        Assert.Equal(ConnectRefusal.UnknownDocument, client.Refused);
        Assert.Equal(0, host.Directory.Count);
    }

    [Fact]
    public async Task An_unknown_document_is_created_where_the_setting_says_so()
    {
        await using var host = new SessionHost(options => options.CreateOnConnect = true);
        var (_, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        Assert.Single(await host.ReadLogAsync());
    }

    [Fact]
    public async Task A_document_that_can_not_be_loaded_is_refused_with_that_word()
    {
        await using var host = new SessionHost();
        await host.Store.CreateDocumentAsync(
            new NewDocument { Key = Key, CreatedAt = host.Time.GetUtcNow(), InitialState = "?"u8.ToArray() },
            TestContext.Current.CancellationToken);
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        await client.Until(() => client.Refused is not null);
        Assert.Equal(ConnectRefusal.StartFailed, client.Refused);
    }

    [Fact]
    public async Task A_client_that_is_ahead_of_the_document_is_refused()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client, lastSeen: 1));
        await client.Until(() => client.Refused is not null);
        Assert.Equal(ConnectRefusal.AheadOfDocument, client.Refused);
    }

    [Fact]
    public async Task A_client_that_leaves_is_a_leave_in_the_log_and_leaving_twice_is_no_error()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (leaving, _) = await host.ConnectAsync();
        var (_, staying) = await host.ConnectAsync();

        await leaving.DisconnectAsync();
        await leaving.DisconnectAsync();
        await staying.UntilOps(2);
        var leave = staying.Messages.Last();
        Assert.Equal(MessageType.Leave, leave.Type);
        Assert.Equal(leaving.ClientId, SystemMessage.ReadLeave(leave));
        await staying.Until(() => staying.Signals.Exists(signal => signal.Contains("leave")));
        Assert.Equal(3, (await host.ReadLogAsync()).Count);
    }

    [Fact]
    public async Task A_nack_tells_its_client_alone()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        var (_, other) = await host.ConnectAsync();

        await connection.SubmitAsync(Ops(Op(1), Op(3)));
        await client.Until(() => client.Answers.Count == 1);
        var nack = Assert.Single(client.Answers[0]);
        Assert.Equal("Gap detected in incoming op", nack.Content.Message);
        // The op before the gap was sequenced, and everybody sees it.
        await other.UntilOps(2);
        await other.Until(() => other.Messages.Last().Type == MessageType.Op);
        Assert.Empty(other.Answers);
    }

    [Fact]
    public async Task Signals_reach_whom_they_are_for()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (sender, one) = await host.ConnectAsync();
        var (second, two) = await host.ConnectAsync();
        var (_, three) = await host.ConnectAsync(ConnectionMode.Read);

        await sender.SignalAsync(
        [
            Signal.Of("1"u8.ToArray()),
            Signal.Of("2"u8.ToArray(), new SignalTarget(null, null, second.ClientId)),
            Signal.Of("3"u8.ToArray(), new SignalTarget(null, [second.ClientId], second.ClientId)),
            Signal.Of("4"u8.ToArray(), new SignalTarget(null, null, "nobody")),
            Signal.Of("5"u8.ToArray()),
        ], heldBytes: 5);
        foreach (var client in (RecordingClient[])[one, two, three])
        {
            await client.Until(() => client.Signals.Any(signal => signal.EndsWith(":5")));
        }

        static string Contents(RecordingClient client) =>
            string.Concat(client.Signals.Where(signal => signal.Length > 2 && signal[^2] == ':').Select(signal => signal[^1]));
        Assert.Equal("135", Contents(one));
        Assert.Equal("125", Contents(two));
        Assert.Equal("135", Contents(three));
    }

    [Fact]
    public async Task No_ops_become_one_message_after_a_while()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);

        await connection.SubmitAsync(Ops(Op(1, referenceSequenceNumber: 1, contents: "null", type: "noop")));
        await client.Until(() => client.Answers.Count == 1);
        Assert.Single(client.Ops);

        host.Time.Advance(host.Options.NoOpDelay);
        await client.UntilOps(2);
        var noop = client.Messages.Last();
        Assert.Equal((MessageType.NoOp, null, 1L), (noop.Type, noop.ClientId, noop.MinimumSequenceNumber));
    }

    [Fact]
    public async Task A_silent_writer_leaves_the_quorum_and_is_nacked_when_it_returns()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (silent, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        host.Time.Advance(host.Options.IdleClientTimeout / 2);
        var (_, active) = await host.ConnectAsync();
        await active.UntilOps(1);

        host.Time.Advance(host.Options.IdleClientTimeout / 2);
        await client.UntilOps(3);
        Assert.Equal(silent.ClientId, SystemMessage.ReadLeave(client.Messages.Last()));

        await silent.SubmitAsync(Ops(Op(1)));
        await client.Until(() => client.Answers.Count == 1);
        Assert.Equal("Nonexistent client", client.Answers[0].Single().Content.Message);

        host.Time.Advance(host.Options.IdleClientTimeout / 2);
        await active.UntilOps(3);
        Assert.Equal(2, active.Messages.Count(message => message.Type == MessageType.Leave));
    }

    [Fact]
    public async Task A_writer_that_was_silent_too_long_is_not_shown_to_those_who_come_later()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (silent, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        host.Time.Advance(host.Options.IdleClientTimeout);
        await client.UntilOps(2);

        var (later, other) = await host.ConnectAsync();
        Assert.Equal([later.ClientId], other.Connected!.Clients.Select(member => member.ClientId));
        Assert.NotEqual(silent.ClientId, later.ClientId);
    }

    [Fact]
    public async Task A_flood_of_bytes_waits_at_its_source_while_the_log_is_busy()
    {
        await using var host = await new SessionHost(options =>
        {
            options.MailboxBytes = 1024;
            options.MaxBatchBytes = 1024;
        }).WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        var disk = new TaskCompletionSource();
        var committing = new TaskCompletionSource();
        host.Store.BeforeAppend = async _ =>
        {
            committing.TrySetResult();
            await disk.Task;
        };
        var large = '"' + new string('x', 600) + '"';

        // Each holds 600 bytes until it is durable, and 1024 may wait: no second one is taken before the first is.
        var submitted = Enumerable.Range(1, 20).Select(i => connection.SubmitAsync(Ops(Op(i, contents: large))).AsTask()).ToList();
        await committing.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await connection.UpdateReferenceAsync(1);
        Assert.Equal(1, submitted.Count(submission => submission.IsCompleted));

        disk.SetResult();
        Assert.All(await Task.WhenAll(submitted), Assert.True);
        await client.UntilOps(21);
        Assert.Equal(Enumerable.Range(1, 21).Select(i => (long)i), client.Numbers);
    }

    [Fact]
    public async Task What_comes_behind_a_stop_is_not_sequenced()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await client.UntilOps(1);
        var disk = new TaskCompletionSource();
        host.Store.BeforeAppend = async _ => await disk.Task;
        await connection.SubmitAsync(Ops(Op(1)));

        var stopping = host.Directory.StopAsync();
        var late = new RecordingClient();
        var connecting = host.Directory.ConnectAsync(Key, NewConnection(late)).AsTask();
        disk.SetResult();
        await connecting;
        await stopping;
        await late.Until(() => late.Refused is not null);
        Assert.Equal(
            [MessageType.Join, MessageType.Op, MessageType.Leave],
            (await host.ReadLogAsync()).Select(json => SequencedMessageReader.Read(System.Text.Encoding.UTF8.GetBytes(json)).Type));
    }
}
