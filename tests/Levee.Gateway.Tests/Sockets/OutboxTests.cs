using CsCheck;
using Levee.Gateway.Sockets;

namespace Levee.Gateway.Tests.Sockets;

public sealed class OutboxTests
{
    private static CancellationToken Test => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gives_frames_in_order_and_then_the_end()
    {
        var outbox = new Outbox(100, 10);
        var waiting = outbox.DequeueAsync(Test);
        Assert.False(waiting.IsCompleted);
        Assert.Equal(EnqueueOutcome.Queued, outbox.TryEnqueue(new byte[1], out _));
        Assert.Equal(EnqueueOutcome.Queued, outbox.TryEnqueue(new byte[2], out var before));
        outbox.Complete(drop: false);
        Assert.Equal(1, (await waiting)!.Value.Length);
        Assert.Equal(2, (await outbox.DequeueAsync(Test))!.Value.Length);
        Assert.Null(await outbox.DequeueAsync(Test));
        Assert.Equal(EnqueueOutcome.Closed, outbox.TryEnqueue(new byte[1], out _));
        Assert.Equal(1, before);
    }

    [Fact]
    public async Task A_frame_larger_than_the_outbox_is_taken_when_nothing_waits()
    {
        var outbox = new Outbox(10, 10);
        Assert.Equal(EnqueueOutcome.Queued, outbox.TryEnqueue(new byte[50], out _));
        Assert.Equal(50, (await outbox.DequeueAsync(Test))!.Value.Length);
        Assert.Equal(50, outbox.QueuedBytes);
        Assert.Equal(EnqueueOutcome.Overflowed, outbox.TryEnqueue(new byte[1], out var waiting));
        Assert.Equal(50, waiting);
    }

    [Fact]
    public async Task Overflows_once_and_drops_what_waited()
    {
        var outbox = new Outbox(1000, 2);
        outbox.TryEnqueue(new byte[1], out _);
        outbox.TryEnqueue(new byte[1], out _);
        Assert.Equal(EnqueueOutcome.Overflowed, outbox.TryEnqueue(new byte[1], out _));
        Assert.Equal(EnqueueOutcome.Closed, outbox.TryEnqueue(new byte[1], out _));
        Assert.Null(await outbox.DequeueAsync(Test));
        Assert.Equal(0, outbox.QueuedBytes);
    }

    [Fact]
    public async Task Waits_for_room_until_half_is_free_or_the_end()
    {
        var outbox = new Outbox(100, 10);
        outbox.TryEnqueue(new byte[30], out _);
        Assert.True(await outbox.WaitForRoomAsync(Test));
        outbox.TryEnqueue(new byte[30], out _);
        var room = outbox.WaitForRoomAsync(Test).AsTask();
        await outbox.DequeueAsync(Test);
        Assert.False(room.IsCompleted);
        await outbox.DequeueAsync(Test);
        Assert.True(await room);
        outbox.TryEnqueue(new byte[60], out _);
        var never = outbox.WaitForRoomAsync(Test).AsTask();
        outbox.Complete(drop: true);
        Assert.False(await never);
    }

    [Fact]
    public async Task Those_who_send_much_take_turns()
    {
        var outbox = new Outbox(100, 10);
        var first = await outbox.TakeTurnAsync(Test);
        var second = outbox.TakeTurnAsync(Test).AsTask();
        outbox.TryEnqueue(new byte[90], out _);
        first!.Dispose();

        // The turn is there, the room is not: what the first one sent has yet to be taken.
        Assert.False(second.IsCompleted);
        await outbox.DequeueAsync(Test);
        var third = outbox.TakeTurnAsync(Test).AsTask();
        _ = outbox.DequeueAsync(Test);
        Assert.NotNull(await second);
        Assert.False(third.IsCompleted);

        outbox.Complete(drop: true);
        (await second)!.Dispose();
        Assert.Null(await third);
    }

    [Fact]
    public async Task Stops_waiting_for_room_when_asked_to()
    {
        var outbox = new Outbox(100, 10);
        outbox.TryEnqueue(new byte[90], out _);
        using var stop = new CancellationTokenSource();
        var room = outbox.WaitForRoomAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => room);
    }

    [Fact]
    public async Task Gives_more_frames_at_once_as_long_as_they_fit_and_counts_them_until_the_next()
    {
        var outbox = new Outbox(100, 10);
        outbox.TryEnqueue(new byte[1], out _);
        outbox.TryEnqueue(new byte[20], out _);
        outbox.TryEnqueue(new byte[30], out _);
        Assert.Equal(1, (await outbox.DequeueAsync(Test))!.Value.Length);
        Assert.True(outbox.TryDequeueMore(20, out var more));
        Assert.Equal(20, more.Length);
        Assert.False(outbox.TryDequeueMore(29, out _));
        Assert.Equal(51, outbox.QueuedBytes);
        Assert.Equal(30, (await outbox.DequeueAsync(Test))!.Value.Length);
        Assert.Equal(30, outbox.QueuedBytes);
        Assert.False(outbox.TryDequeueMore(long.MaxValue, out _));
    }

    [Fact]
    public async Task A_reader_that_stops_waiting_loses_nothing()
    {
        var outbox = new Outbox(100, 10);
        using var stop = new CancellationTokenSource();
        var waiting = outbox.DequeueAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        outbox.TryEnqueue(new byte[7], out _);
        Assert.Equal(7, (await outbox.DequeueAsync(Test))!.Value.Length);
    }

    [Fact]
    public void Says_once_to_the_sender_that_a_frame_was_one_too_many()
    {
        var outbox = new Outbox(10, 10);
        var overflows = new List<long>();
        Assert.True(outbox.Send(new byte[8], overflows.Add));
        Assert.False(outbox.Send(new byte[3], overflows.Add));
        Assert.False(outbox.Send(new byte[1], overflows.Add));
        Assert.Equal([8], overflows);
    }

    [Fact]
    public void Never_holds_more_than_its_bounds_or_one_frame() =>
        Gen.Int[0, 40].Array[0, 60].Sample(sizes =>
        {
            var outbox = new Outbox(100, 8);
            var queued = new Queue<int>();
            var inFlight = 0;
            foreach (var size in sizes)
            {
                if (size == 0)
                {
                    if (queued.Count == 0)
                    {
                        continue;
                    }

                    inFlight = queued.Dequeue();
                    var taken = outbox.DequeueAsync(Test);
                    Assert.True(taken.IsCompletedSuccessfully);
                    Assert.Equal(inFlight, taken.GetAwaiter().GetResult()!.Value.Length);
                    continue;
                }

                var waiting = queued.Sum() + inFlight;
                var fits = waiting == 0 || (waiting + size <= 100 && queued.Count < 8);
                Assert.Equal(
                    fits ? EnqueueOutcome.Queued : EnqueueOutcome.Overflowed, outbox.TryEnqueue(new byte[size], out _));
                if (!fits)
                {
                    return;
                }

                queued.Enqueue(size);
                Assert.Equal(queued.Sum() + inFlight, outbox.QueuedBytes);
            }
        });
}
