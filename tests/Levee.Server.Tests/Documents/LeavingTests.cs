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
