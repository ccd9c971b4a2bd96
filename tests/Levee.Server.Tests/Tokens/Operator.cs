using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.Tokens;

/// <summary>Who has the admin key of a server.</summary>
internal sealed class Operator(LeveeTestServer server)
{
    public const string Key = "admin-key-of-the-tests-0123456789abcdef";

    private static readonly HttpClient Http = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>A server that has operators.</summary>
    public static Task<LeveeTestServer> StartServerAsync(params (string Key, string Value)[] settings)
    {
        var all = new Dictionary<string, string> { ["LEVEE_ADMIN_KEY"] = Key };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return LeveeTestServer.StartAsync(all, Ct);
    }

    /// <summary>Revokes and expects it to be done.</summary>
    public async Task<JsonElement> RevokeAsync(object request)
    {
        using var answer = await SendAsync(HttpMethod.Post, "/api/admin/revocations", request);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, $"{(int)answer.StatusCode} {text}");
        return Json.Of(text).GetProperty("revocation");
    }

    /// <summary>Sends a request with the key.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Url, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        request.Content = body is null ? null : JsonContent.Create(body);
        return await Http.SendAsync(request, Ct);
    }
}
