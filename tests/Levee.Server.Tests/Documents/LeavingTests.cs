using System.Net.WebSockets;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>However a write client goes, the document sees one sequenced <c>leave</c>.</summary>
public sealed class LeavingTests(LeveeServerFixture fixture) : IClassFixture<LeveeServerFixture>
{
    [Theory, InEachFormat]
    public Task By_phx_leave(ChannelFormat format) => LeavesOnceAsync(format, client => client.LeaveAsync());

    [Theory, InEachFormat]
    public Task By_a_closed_socket(ChannelFormat format) => LeavesOnceAsync(format, client => client.CloseAsync());

    [Theory, InEachFormat]
    public Task By_a_connection_that_is_cut(ChannelFormat format) => LeavesOnceAsync(format, client =>
    {
        client.Abort();
        return Task.CompletedTask;
    });

    [Fact]
    public Task By_phx_leave_and_then_a_closed_socket() => LeavesOnceAsync(ChannelFormat.Json, async client =>
    {
        await client.LeaveAsync();
        await client.CloseAsync();
    });

    [Fact]
    public Task By_a_frame_that_is_none() => LeavesOnceAsync(ChannelFormat.Json, async client =>
    {
        await client.PushRawAsync("submitOp", "{not json");
        Assert.NotNull(await client.ClosedAsync());
    });

    [Fact]
    public Task By_a_second_join_of_the_same_topic() => LeavesOnceAsync(ChannelFormat.Json, async client =>
    {
        await client.PushAsync("phx_join", new { });
        await client.FrameAsync("phx_close");
    });

    [Theory, InEachFormat]
    public async Task A_client_that_goes_while_it_connects_leaves_no_ghost(ChannelFormat format)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var staying = await document.ConnectAsync();
        for (var i = 0; i < 10; i++)
        {
            await using var hasty = await DocumentClient.JoinAsync(document, format);
            await hasty.PushAsync("connect_document", document.ConnectMessage());
            if (i % 2 == 0)
            {
                hasty.Abort();
            }
            else
            {
                await hasty.CloseAsync();
            }
        }

        await using var last = await document.ConnectAsync();
        await staying.ReceiveAsync(message => message.IsJoinOf(last.Id));
        // A join of theirs may be on its way still, but each has its leave.
        var joined = staying.Received.Where(message => message.Type() == "join").Select(message => Json.Of(message.Text("data")!).Text("clientId")!);
        foreach (var id in joined.Except([staying.Id, last.Id]).ToList())
        {
            await staying.ReceiveAsync(message => message.IsLeaveOf(id));
        }
    }

    [Fact]
    public async Task A_server_that_stops_makes_everybody_leave_and_tells_them_to_come_again()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var document = await TestDocument.CreateAsync(server);
        await using var first = await document.ConnectAsync();
        await using var second = await document.ConnectAsync(format: ChannelFormat.MessagePack);
        await server.StopAsync(TestContext.Current.CancellationToken);

        // Not 1000, after which a Phoenix client stays away.
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await first.ClosedAsync());
        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await second.ClosedAsync());
        await server.StartAgainAsync(TestContext.Current.CancellationToken);
        var stored = await document.ReadDeltasAsync();
        Assert.Equal(["join", "join", "leave", "leave"], stored.Select(message => message.Type()));
    }

    private async Task LeavesOnceAsync(ChannelFormat format, Func<DocumentClient, Task> leave)
    {
        var document = await TestDocument.CreateAsync(fixture.Server);
        await using var staying = await document.ConnectAsync();
        await using var leaving = await document.ConnectAsync(format: format);
        await leaving.WriteAsync(leaving.Op("last words"));
        await leave(leaving);

        var left = await staying.ReceiveAsync(message => message.IsLeaveOf(leaving.Id));
        Assert.Equal((null, -1L, -1L), (left.Text("clientId"), left.Number("clientSequenceNumber"), left.Number("referenceSequenceNumber")));
        Assert.Equal(4, left.SequenceNumber());
        await staying.WriteAsync(staying.Op());
        Assert.Equal(
            ["join", "join", "op", "leave", "op"], (await document.ReadDeltasAsync()).Select(message => message.Type()));
        // The gone one holds nothing down: the minimum is the other's "now".
        Assert.Equal(5, (await document.ReadDeltasAsync())[^1].MinimumSequenceNumber());
    }
}
