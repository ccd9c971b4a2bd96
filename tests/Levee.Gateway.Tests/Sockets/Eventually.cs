namespace Levee.Gateway.Tests.Sockets;

/// <summary>Awaits conditions that no event announces.</summary>
public static class Eventually
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"not in time: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
