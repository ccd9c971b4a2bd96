using System.Net;
using System.Text.Json;

namespace Levee.Server.Tests.Storage;

/// <summary>Asks a server how it is, as a load balancer does.</summary>
internal sealed class HealthProbe(Uri server) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new() { BaseAddress = server };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The reasons of <c>/health/ready</c>, by name; null when it says yes.</summary>
    public async Task<Dictionary<string, string>?> ReasonsAsync()
    {
        using var answer = await _http.GetAsync("/health/ready", Ct);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());
        if (answer.StatusCode == HttpStatusCode.OK)
        {
            Assert.Equal("""{"status":"ok"}""", text);
            return null;
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        using var json = JsonDocument.Parse(text);
        Assert.Equal("unavailable", json.RootElement.GetProperty("status").GetString());
        return json.RootElement.GetProperty("reasons").Deserialize<Dictionary<string, string>>()!;
    }

    /// <summary>The process lives, whatever it can serve.</summary>
    public async Task RequireLiveAsync()
    {
        Assert.Equal("""{"status":"ok"}""", await _http.GetStringAsync("/health/live", Ct));
        Assert.Equal("""{"status":"ok"}""", await _http.GetStringAsync("/health", Ct));
    }

    /// <summary>Waits until it is ready.</summary>
    public Task UntilReadyAsync() => UntilAsync(async () => await ReasonsAsync() is null);

    /// <summary>Waits until it is not ready for a reason with this word.</summary>
    public Task UntilNotReadyAsync(string name, string word) => UntilAsync(async () =>
        await ReasonsAsync() is { } reasons && reasons.TryGetValue(name, out var reason) && reason.Contains(word, StringComparison.Ordinal));

    public void Dispose() => _http.Dispose();

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        patience.CancelAfter(Patience);
        while (!await holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }
}
