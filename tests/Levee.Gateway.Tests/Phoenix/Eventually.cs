namespace Levee.Gateway.Tests.Phoenix;

/// <summary>Awaits conditions that no event announces.</summary>
public static class Eventually
{
    public static async Task IsTrueAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(PhoenixServer.Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"not in time: {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
