using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

public sealed class SessionRestartTests
{
    [Fact]
    public async Task A_document_is_unloaded_when_nobody_is_there_and_goes_on_where_it_was()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Op(1), Op(2)));
        await client.UntilOps(3);
        await connection.DisconnectAsync();
        await UnloadAsync(host);

        var checkpoint = await host.Store.ReadCheckpointAsync(Key, TestContext.Current.CancellationToken);
        Assert.Equal(4, checkpoint!.SequenceNumber);
        var (_, back) = await host.ConnectAsync(lastSeen: 3);
        await back.UntilOps(2);
        Assert.Equal([4, 5], back.Numbers);
    }

    [Fact]
    public async Task Ghosts_of_a_server_that_died_leave_before_the_first_client_joins()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (ghost, _) = await host.ConnectAsync();
        var (another, client) = await host.ConnectAsync();
        await another.SubmitAsync(Ops(Op(1)));
        await client.UntilOps(2);

        var (joined, back) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 3);
        await back.UntilOps(3);
        var messages = back.Messages.ToList();
        Assert.Equal([MessageType.Leave, MessageType.Leave, MessageType.Join], messages.Select(message => message.Type));
        Assert.Equal([ghost.ClientId, another.ClientId], messages.Take(2).Select(message => SystemMessage.ReadLeave(message)));
        Assert.Equal(5, messages[1].MinimumSequenceNumber);
        Assert.Equal([joined.ClientId], back.Connected!.Clients.Select(member => member.ClientId));
    }

    [Fact]
    public async Task A_clean_stop_leaves_no_ghosts_and_a_checkpoint()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Op(1)));
        await client.UntilOps(2);
        await host.Directory.StopAsync();

        Assert.Equal(SessionEnd.Stopped, client.Ended);
        Assert.Equal(3, (await host.Store.ReadCheckpointAsync(Key, TestContext.Current.CancellationToken))!.SequenceNumber);
        var (_, back) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 0);
        await back.UntilOps(4);
        Assert.Equal(
            [MessageType.Join, MessageType.Op, MessageType.Leave, MessageType.Join], back.Messages.Select(message => message.Type));
    }

    [Fact]
    public async Task After_a_stop_connections_are_refused()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        await host.Directory.StopAsync();
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        Assert.Equal(ConnectRefusal.Draining, client.Refused);
    }

    [Fact]
    public async Task A_checkpoint_is_written_every_so_many_messages()
    {
        await using var host = await new SessionHost(options => options.CheckpointInterval = 10).WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        for (var i = 1; i <= 25; i++)
        {
            await connection.SubmitAsync(Ops(Op(i)));
            await client.UntilOps(i + 1);
        }

        var checkpoint = await host.Store.ReadCheckpointAsync(Key, TestContext.Current.CancellationToken);
        Assert.InRange(checkpoint!.SequenceNumber, 16, 26);
    }

    [Fact]
    public async Task A_checkpoint_that_can_not_be_read_is_passed_over()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Op(1)));
        await client.UntilOps(2);
        await host.Store.WriteCheckpointAsync(Key, new(2, "{\"version\":0}"u8.ToArray()), TestContext.Current.CancellationToken);

        var (_, back) = await host.ConnectAsync(directory: host.NewDirectory(), lastSeen: 2);
        await back.UntilOps(2);
        Assert.Equal([3, 4], back.Numbers);
    }

    private static async Task UnloadAsync(SessionHost host)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (host.Directory.IsLive(Key))
        {
            patience.Token.ThrowIfCancellationRequested();
            host.Time.Advance(host.Options.IdleUnloadTimeout);
            await Task.Yield();
        }
    }
}
