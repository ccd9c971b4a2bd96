using System.Text.Json.Nodes;
using Levee.Gateway.Rest;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Answers with the request that routing and a route see.</summary>
public sealed class EchoServer : IAsyncLifetime
{
    private WebApplication? _app;

    public HttpClient Http { get; } = new();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddLeveeRest();
        _app = builder.Build();
        _app.UseLeveeRest();
        foreach (var method in new[] { "GET", "POST", "PUT", "PATCH", "DELETE" })
        {
            _app.MapMethods("/echo/{**rest}", [method], (HttpContext http) => EchoAsync(http, method));
        }

        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app!.DisposeAsync();
    }

    /// <summary>Sends a form and gives what a route saw of it: the method of the route and of the request, its headers, and its body in base64.</summary>
    public async Task<JsonObject> SendAsync(HttpContent content, string path = "/echo/x")
    {
        using var response = await Http.PostAsync(path, content, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{response.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    private static async Task EchoAsync(HttpContext http, string route)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var headers = new JsonObject();
        foreach (var (name, value) in http.Request.Headers)
        {
            headers[name.ToLowerInvariant()] = value.ToString();
        }

        await http.Response.WriteAsJsonAsync(
            new JsonObject
            {
                ["route"] = route,
                ["method"] = http.Request.Method,
                ["target"] = $"{http.Request.Scheme}://{http.Request.Host}{http.Request.Path}{http.Request.QueryString}",
                ["headers"] = headers,
                ["body"] = Convert.ToBase64String(body.ToArray()),
            },
            http.RequestAborted);
    }
}
