using Levee.Protocol;
using Levee.Storage;
using Levee.Testing.Storage;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

/// <summary>Sessions over a store that fails now and then.</summary>
public sealed class StorageFaultTests
{
    [Theory]
    [InlineData(StorageFault.Full, ConnectRefusal.StorageUnavailable)]
    [InlineData(StorageFault.Busy, ConnectRefusal.StorageUnavailable)]
    [InlineData(StorageFault.Damaged, ConnectRefusal.SessionEnded)]
    public async Task A_client_whose_join_can_not_be_written_is_refused(StorageFault fault, ConnectRefusal expected)
    {
        var store = Faulty();
        await using var host = await new SessionHost(documents: store).WithDocumentAsync();
        store.FailWrites(1, fault);
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        await client.Until(() => client.Refused is not null);
        Assert.Equal(expected, client.Refused);
        await host.ConnectAsync();
    }

    [Theory]
    [InlineData(StorageFault.Unreachable, ConnectRefusal.StorageUnavailable)]
    [InlineData(StorageFault.Damaged, ConnectRefusal.StartFailed)]
    public async Task A_client_of_a_document_that_can_not_be_read_is_refused(StorageFault fault, ConnectRefusal expected)
    {
        var store = Faulty();
        await using var host = await new SessionHost(documents: store).WithDocumentAsync();
        store.FailReads(1, fault);
        var client = new RecordingClient();
        await host.Directory.ConnectAsync(Key, NewConnection(client));
        await client.Until(() => client.Refused is not null);
        Assert.Equal(expected, client.Refused);
        await host.ConnectAsync();
    }

    [Fact]
    public async Task A_catch_up_that_can_not_be_read_ends_the_session_and_the_client_comes_again()
    {
        var store = Faulty();
        await using var host = await new SessionHost(options => options.RecentBytes = 0, store).WithDocumentAsync();
        var (connection, client) = await host.ConnectAsync();
        await connection.SubmitAsync(Ops(Op(1), Op(2), Op(3)));
        await client.UntilOps(4);
        store.FailReads(1);
        await connection.RequestOpsAsync(1);
        await client.Until(() => client.Ended is not null);
        Assert.Equal(SessionEnd.StorageUnavailable, client.Ended);
        var (_, back) = await host.ConnectAsync(lastSeen: 0);
        await back.UntilOps(6);
        Assert.Equal([1, 2, 3, 4, 5, 6], back.Numbers);
    }

    [Fact]
    public async Task Whichever_writes_fail_what_was_told_is_in_the_log_and_the_log_has_no_gap()
    {
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var store = Faulty();
        await using var host = await new SessionHost(documents: store).WithDocumentAsync();
        var (acknowledged, seen) = (new List<string>(), new List<string>());
        for (var round = 0; round < 60; round++)
        {
            var client = new RecordingClient();
            var connection = NewConnection(client);
            store.FailWrites(random.Next(2));
            await host.Directory.ConnectAsync(Key, connection);
            await client.Until(() => client.Connected is not null || client.Refused is not null);
            for (var op = 1; op <= 4 && client.Connected is not null && client.Ended is null; op++)
            {
                if (random.Next(4) == 0)
                {
                    store.FailWrites(1);
                }

                var answers = client.Answers.Count;
                if (await connection.SubmitAsync(Ops(Op(op, contents: $"\"{round}-{op}\""))))
                {
                    await client.Until(() => client.Answers.Count > answers || client.Ended is not null);
                }

                if (client.Answers.Count > answers)
                {
                    acknowledged.Add($"\"{round}-{op}\"");
                }
            }

            seen.AddRange(client.Ops);
            store.Heal();
            await connection.DisconnectAsync();
        }

        var log = await host.ReadLogAsync();
        Assert.True(store.Failures > 10, $"seed {seed}");
        Assert.Equal(Enumerable.Range(1, log.Count).Select(n => (long)n), log.Select(op => SequencedMessageReader.Read(System.Text.Encoding.UTF8.GetBytes(op)).SequenceNumber));
        Assert.All(seen, op => Assert.Contains(op, log));
        Assert.All(acknowledged, contents => Assert.Single(log, op => op.Contains(contents, StringComparison.Ordinal)));
    }

    private static FaultyDocumentStore Faulty()
    {
        var memory = new MemoryDocumentStore();
        return new FaultyDocumentStore(memory, memory, memory);
    }
}
