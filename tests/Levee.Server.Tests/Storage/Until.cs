namespace Levee.Server.Tests.Storage;

/// <summary>Awaits a condition that no event announces.</summary>
internal static class Until
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        while (!holds())
        {
            await Task.Delay(10, patience.Token);
        }
    }
}
