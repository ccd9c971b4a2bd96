namespace Levee.Sessions.Tests;

public sealed class WakeUpTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_signal_that_came_before_the_wait_ends_it_at_once_and_only_once()
    {
        var wakeUp = new WakeUp();
        wakeUp.Signal();
        wakeUp.Signal();
        Assert.True(wakeUp.WaitAsync().IsCompletedSuccessfully);
        Assert.False(wakeUp.WaitAsync().IsCompleted);
    }

    [Fact]
    public async Task No_signal_is_lost_whoever_is_faster()
    {
        const int Items = 50_000;
        var wakeUp = new WakeUp();
        var items = new System.Collections.Concurrent.ConcurrentQueue<int>();
        var taken = 0;
        var loop = Task.Run(async () =>
        {
            while (taken < 2 * Items)
            {
                await wakeUp.WaitAsync();
                while (items.TryDequeue(out _))
                {
                    taken++;
                }
            }
        }, Cancelled);
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Items; i++)
            {
                items.Enqueue(i);
                wakeUp.Signal();
            }
        }, Cancelled)));
        await loop.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        Assert.Equal(2 * Items, taken);
    }
}
