using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

public sealed class CatchUpTests
{
    [Theory]
    [InlineData(0)] // from the log alone
    [InlineData(1 << 20)] // the end from memory
    public async Task Readers_that_come_while_others_write_miss_nothing_and_get_nothing_twice(int recentBytes)
    {
        await using var host = await new SessionHost(options =>
        {
            options.RecentBytes = recentBytes;
            options.CatchUpPageBytes = 2000;
        }).WithDocumentAsync();
        var (first, all) = await host.ConnectAsync();
        for (var i = 1; i <= 2000; i += 100)
        {
            await first.SubmitAsync(Ops([.. Enumerable.Range(i, 100).Select(n => Op(n))]));
        }

        var writing = WriteAsync(host, writers: 4, ops: 300);
        var readers = new List<(long From, RecordingClient Client)>();
        for (var i = 0; i < 20; i++)
        {
            var from = i * 100;
            var (connection, reader) = await host.ConnectAsync(ConnectionMode.Read, from);
            readers.Add((from, reader));
            if (i % 5 == 0)
            {
                // Asking again repositions; what comes after that is whole again.
                await connection.RequestOpsAsync(from);
            }
        }

        await writing;
        // The first writer and its ops, four more and theirs: taken is not yet durable.
        const int Messages = 1 + 2000 + 4 + (4 * 300);
        await all.UntilOps(Messages);
        var log = await host.ReadLogAsync();
        Assert.Equal(Messages, log.Count);
        foreach (var (from, reader) in readers)
        {
            await reader.Until(() => reader.Ops.Count > 0 && reader.Ops[^1] == log[^1]);
            var restart = reader.Ops.LastIndexOf(log[(int)from]);
            Assert.Equal(log.Skip((int)from), reader.Ops.Skip(restart));
            Assert.Equal(log.Take((int)from + restart).Skip((int)from), reader.Ops.Take(restart));
        }
    }

    [Fact]
    public async Task A_client_that_has_no_room_is_waited_for_and_costs_nobody_else_anything()
    {
        await using var host = await new SessionHost(options => options.CatchUpPageBytes = 1024).WithDocumentAsync();
        var (writer, writing) = await host.ConnectAsync();
        await writer.SubmitAsync(Ops([.. Enumerable.Range(1, 100).Select(n => Op(n))]));
        await writing.UntilOps(101);

        var slow = new RecordingClient { Room = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        await host.Directory.ConnectAsync(Key, NewConnection(slow, ConnectionMode.Read, lastSeen: 0));
        await slow.UntilConnected();
        await writer.SubmitAsync(Ops(Op(101)));
        await writing.UntilOps(102);
        Assert.Empty(slow.Ops);

        slow.Room.SetResult(true);
        await slow.UntilOps(102);
        Assert.Equal(await host.ReadLogAsync(), slow.Ops);
    }

    [Fact]
    public async Task A_client_that_asks_again_and_again_without_reading_has_one_reader()
    {
        await using var host = await new SessionHost().WithDocumentAsync();
        var (writer, writing) = await host.ConnectAsync();
        await writer.SubmitAsync(Ops([.. Enumerable.Range(1, 50).Select(n => Op(n))]));
        await writing.UntilOps(51);

        var client = new RecordingClient { Room = new(TaskCreationOptions.RunContinuationsAsynchronously) };
        var connection = NewConnection(client, ConnectionMode.Read, lastSeen: 0);
        await host.Directory.ConnectAsync(Key, connection);
        await client.UntilConnected();
        for (var i = 0; i < 500; i++)
        {
            await connection.RequestOpsAsync(i % 40);
        }

        await connection.RequestOpsAsync(20);
        await connection.SignalAsync([Signal.Of("1"u8.ToArray())], 1);
        await client.Until(() => client.Signals.Any(signal => signal.EndsWith(":1")));
        Assert.Equal(1, client.TurnsAsked);

        // Only the last wish counts.
        client.Room.SetResult(true);
        await client.UntilOps(31);
        Assert.Equal((await host.ReadLogAsync()).Skip(20), client.Ops);
    }

    private static async Task WriteAsync(SessionHost host, int writers, int ops)
    {
        var connections = new List<DocumentConnection>();
        for (var i = 0; i < writers; i++)
        {
            connections.Add((await host.ConnectAsync()).Connection);
        }

        await Task.WhenAll(connections.Select(connection => Task.Run(async () =>
        {
            for (var i = 1; i <= ops; i++)
            {
                await connection.SubmitAsync(Ops(Op(i)));
            }
        })));
    }
}
