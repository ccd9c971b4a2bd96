using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Levee.Testing;

namespace Levee.Faults;

/// <summary>The server's REST routes, as Levee's clients and as Microsoft's drivers ask for them. Safe for any number of threads.</summary>
/// <param name="server">Where the server listens by now.</param>
internal sealed class ServerApi(Func<Uri> server) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };

    public static string Tenant => TestTenants.Default.Id;

    /// <summary>Asks for JSON.</summary>
    /// <exception cref="HttpRequestException">There is no server, or it is stopping.</exception>
    /// <exception cref="ViolationException">It refuses.</exception>
    public async Task<JsonElement> GetAsync(string path, string documentId, RestClientKind kind, CancellationToken cancellationToken) =>
        await SendAsync(HttpMethod.Get, path, null, documentId, kind, cancellationToken);

    /// <summary>Sends JSON and takes JSON; exceptions as of <see cref="GetAsync"/>.</summary>
    public async Task<JsonElement> SendAsync(
        HttpMethod method, string path, object? body, string documentId, RestClientKind kind, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(server(), path));
        request.Headers.Authorization = Authorization(documentId, kind, path.StartsWith("/repos/", StringComparison.Ordinal));
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request, cancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            throw new HttpRequestException("The server is stopping.");
        }

        return answer.IsSuccessStatusCode
            ? JsonSerializer.Deserialize<JsonElement>(bytes)
            : throw new ViolationException($"{method} {path} ({kind}) was answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
    }

    public void Dispose() => _http.Dispose();

    private static AuthenticationHeaderValue Authorization(string documentId, RestClientKind kind, bool isStorage)
    {
        var token = TestTokens.FullAccess(documentId);
        return kind switch
        {
            RestClientKind.Levee => new AuthenticationHeaderValue("Bearer", token),
            RestClientKind.Fluid when isStorage =>
                new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Tenant}:{token}"))),
            _ => new AuthenticationHeaderValue("Basic", token),
        };
    }
}
