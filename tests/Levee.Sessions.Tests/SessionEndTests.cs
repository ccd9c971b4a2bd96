using System.Text;
using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

/// <summary>What clients are told of a session that ends, stalls, or was replaced without knowing. Each was found by simulation.</summary>
public sealed class SessionEndTests
{
    [Fact]
    public async Task After_the_end_no_messages_come_though_the_history_was_still_being_read()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (writer, writing) = await host.ConnectAsync();
        await writer.SubmitAsync(Ops(Op(1)));
        await writing.UntilOps(2);
        var reader = new RecordingClient { Room = new() };
        await host.Directory.ConnectAsync(Key, NewConnection(reader, ConnectionMode.Read, lastSeen: 0));
        await reader.Until(() => reader.TurnsAsked == 1);

        await host.Directory.StopAsync();
        Assert.Equal(SessionEnd.Stopped, reader.Ended);
        reader.Room.SetResult(true);
        await reader.Until(() => reader.TurnsEnded == 1);
        Assert.Equal("ended", reader.Events[^1]);
        Assert.Empty(reader.Ops);
    }

    [Fact]
    public async Task A_client_is_among_those_that_it_is_told_of_though_it_was_silent_too_long_before_its_join_was_durable()
    {
        await using var host = await new SessionHost(options => options.IdleClientTimeout = TimeSpan.FromSeconds(5)).WithDocumentAsync();
        var (reading, first) = await host.ConnectAsync(ConnectionMode.Read);
        var stall = new TaskCompletionSource();
        var isStalled = new TaskCompletionSource();
        host.Store.BeforeAppend = async _ =>
        {
            isStalled.TrySetResult();
            await stall.Task;
        };
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        await isStalled.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        host.Time.Advance(TimeSpan.FromSeconds(6));
        // Signals wait for no commit: when they have gone round some times, the loop has seen the deadline too.
        for (var i = 1; i <= 20; i++)
        {
            await reading.SignalAsync([Signal.Of(Encoding.UTF8.GetBytes($"{i}"))], 1);
            await first.Until(() => first.Signals.Contains($"{first.Connected!.ClientId}:{i}"));
        }

        stall.SetResult();
        await client.UntilConnected();
        await first.Until(() => first.Messages.Any(message => message.Type == MessageType.Leave));
        Assert.Contains(client.Connected!.ClientId, client.Connected.Clients.Select(member => member.ClientId));
    }

    [Fact]
    public async Task A_session_that_hears_of_messages_it_does_not_know_stands_down()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (_, old) = await host.ConnectAsync();
        // Another server has taken the document over, and this one has not noticed.
        var (connection, client) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 0);
        await connection.SubmitAsync(Ops(Op(1)));
        await client.UntilOps(4);

        var back = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(back, lastSeen: 4));
        await back.Until(() => back.Refused is not null);
        Assert.Equal(ConnectRefusal.SessionEnded, back.Refused);
        await old.Until(() => old.Ended is not null);
        Assert.Equal(SessionEnd.Fenced, old.Ended);
        var (_, again) = await host.ConnectAsync(lastSeen: 4);
        await again.UntilOps(2);
        Assert.Equal([5, 6], again.Numbers);
    }

    [Fact]
    public async Task A_session_that_reads_messages_it_did_not_write_stands_down()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        await host.ConnectAsync();
        var (connection, client) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 0);
        await connection.SubmitAsync(Ops(Op(1)));
        await client.UntilOps(4);

        // It writes nothing, so no fence would ever tell the old session.
        var (_, reader) = await host.ConnectAsync(ConnectionMode.Read, lastSeen: 0);
        await reader.Until(() => reader.Ended is not null);
        Assert.Equal(SessionEnd.Fenced, reader.Ended);
        Assert.Equal([1, 2, 3, 4], reader.Numbers);
    }

    [Fact]
    public async Task A_document_to_be_unloaded_at_once_is_unloaded_when_its_service_summary_is_written()
    {
        await using var document = await Summarizing.StartAsync(hasInitialSummary: true, options =>
        {
            options.IdleUnloadTimeout = TimeSpan.Zero;
            options.ServiceSummary = true;
            options.ServiceSummaryDelay = TimeSpan.FromSeconds(2);
        });
        await document.WriteAsync(Op(1));
        await document.Connection.DisconnectAsync();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (document.Host.Directory.IsLive(Key))
        {
            patience.Token.ThrowIfCancellationRequested();
            document.Host.Time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }

        var head = await document.ReadCommitAsync((await document.HeadAsync())!.ToString()!);
        Assert.StartsWith("Service Summary", head.Message, StringComparison.Ordinal);
    }
}
