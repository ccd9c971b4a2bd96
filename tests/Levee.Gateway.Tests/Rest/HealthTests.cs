using System.Net;

namespace Levee.Gateway.Tests.Rest;

public sealed class HealthTests(RestServer server) : IClassFixture<RestServer>
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    public async Task Says_that_it_is_well(string path)
    {
        var text = await server.Http.GetStringAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal("""{"status":"ok"}""", text);
    }

    [Fact]
    public async Task The_root_leads_to_the_admin_pages()
    {
        using var response = await server.SendAsync("GET", "/", token: null);
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/admin", response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task An_unknown_route_is_not_found_in_json() =>
        Assert.Equal("Not Found", await server.ExpectErrorAsync(404, "GET", "/nothing/here", token: null));

    [Theory]
    [InlineData("DELETE", "/health")]
    [InlineData("PUT", "/documents/acme")]
    [InlineData("POST", "/deltas/acme/doc")]
    [InlineData("DELETE", "/repos/acme/git/refs/heads/x")]
    public async Task A_method_that_a_route_does_not_have_is_refused_in_json(string method, string path) =>
        Assert.Equal("Method Not Allowed", await server.ExpectErrorAsync(405, method, path, token: null));

    [Theory]
    [InlineData("/health")]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/documents/acme/headed")]
    [InlineData("/documents/acme/session/headed")]
    [InlineData("/deltas/acme/headed")]
    [InlineData("/repos/acme/git/refs")]
    public async Task Head_answers_as_get_without_a_body(string path)
    {
        var document = new Levee.Protocol.DocumentKey("acme", "headed");
        await server.Store.CreateDocumentAsync(Levee.Sessions.DocumentCreation.Empty(document, DateTimeOffset.UtcNow), TestContext.Current.CancellationToken);
        using var response = await server.SendAsync("HEAD", path, server.Token("headed"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
