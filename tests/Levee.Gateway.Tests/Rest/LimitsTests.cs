using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Bodies beyond their bounds, pages of other origins, and the address in answers: what settings decide.</summary>
public sealed class LimitsTests
{
    [Theory]
    [InlineData("POST", "/documents/acme")]
    [InlineData("POST", "/repos/acme/git/blobs")]
    [InlineData("POST", "/repos/acme/git/trees")]
    [InlineData("POST", "/repos/acme/git/commits")]
    [InlineData("POST", "/repos/acme/git/refs")]
    [InlineData("POST", "/repos/acme/git/summaries")]
    [InlineData("PATCH", "/repos/acme/git/refs/heads/x")]
    public async Task A_body_over_the_limit_is_refused(string method, string path)
    {
        await using var server = await RestServer.StartAsync(
            "Production",
            ("Levee:Rest:MaxDocumentBytes", "1024"),
            ("Levee:Rest:MaxBlobBytes", "1024"),
            ("Levee:Rest:MaxSummaryBytes", "1024"),
            ("Levee:Rest:MaxBodyBytes", "1024"));
        foreach (var chunked in new[] { false, true })
        {
            var bytes = Encoding.UTF8.GetBytes($$"""{"content":"{{new string('x', 2000)}}"}""");
            HttpContent content = chunked ? new StreamContent(new UnknownLength(bytes)) : new ByteArrayContent(bytes);
            using var response = await server.SendAsync(method, path, server.Token(""), content);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal("""{"error":"Request body too large"}""", text);
        }
    }

    [Fact]
    public async Task Json_nested_too_deeply_is_refused()
    {
        await using var server = await RestServer.StartAsync("Production");
        var body = $$"""{"summary":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""";
        using var response = await server.SendJsonAsync("POST", "/documents/acme", server.Token(""), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/documents/acme/d")]
    [InlineData("GET", "/deltas/acme/d")]
    [InlineData("GET", "/repos/acme/git/refs")]
    [InlineData("POST", "/repos/acme/git/blobs")]
    public async Task A_store_that_fails_is_an_error_in_json_that_says_nothing_of_it(string method, string path)
    {
        await using var server = await RestServer.StartAsync("Production");
        await server.Store.DisposeAsync();
        var error = await server.ExpectErrorAsync(
            500, method, path, server.Token("d"), method == "POST" ? new JsonObject { ["content"] = "x" } : null);
        Assert.Equal("Internal server error", error);
    }

    [Fact]
    public async Task A_public_address_replaces_that_of_the_request()
    {
        await using var server = await RestServer.StartAsync("Production", ("Levee:Rest:PublicUrl", "https://levee.example.org/base/"));
        var answer = await server.ExpectAsync(
            201, "POST", "/documents/acme", server.Token(""), new JsonObject { ["enableDiscovery"] = true });
        Assert.Equal("https://levee.example.org/base", (string)answer["session"]!["ordererUrl"]!);
        var blob = await server.ExpectAsync(201, "POST", "/repos/acme/git/blobs", server.Token(""), new JsonObject { ["content"] = "" });
        Assert.StartsWith("https://levee.example.org/base/repos/acme/git/blobs/", (string)blob["url"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Development", null, "https://any.example", true)]
    [InlineData("Production", null, "https://any.example", false)]
    [InlineData("Production", "https://app.example", "https://app.example", true)]
    [InlineData("Production", "https://app.example", "https://any.example", false)]
    [InlineData("Development", "https://app.example", "https://any.example", false)]
    [InlineData("Production", "*", "https://any.example", true)]
    public async Task Pages_of_allowed_origins_may_call(string environment, string? origins, string origin, bool isAllowed)
    {
        (string, string)[] settings = origins is null ? [] : [("Levee:Rest:CorsOrigins:0", origins)];
        await using var server = await RestServer.StartAsync(environment, settings);
        using var preflight = await server.SendAsync(
            "OPTIONS",
            "/repos/acme/git/refs/heads/x",
            null,
            null,
            ("Origin", origin),
            ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", "authorization,x-driver-version"));
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(isAllowed, preflight.Headers.Contains("Access-Control-Allow-Origin"));
        if (isAllowed)
        {
            Assert.Equal("authorization,x-driver-version", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());
            Assert.Equal("PATCH", preflight.Headers.GetValues("Access-Control-Allow-Methods").Single());
        }

        foreach (var path in new[] { "/health", "/deltas/acme/x", "/nothing" })
        {
            // A page must be able to read why it was refused, too.
            using var response = await server.SendAsync("GET", path, null, null, ("Origin", origin));
            Assert.Equal(isAllowed, response.Headers.Contains("Access-Control-Allow-Origin"));
        }
    }

    [Theory]
    [InlineData("MaxBodyBytes", "1", "Levee:Rest:MaxBodyBytes must be from 1024 to 67108864.")]
    [InlineData("MaxBlobBytes", "-1", "Levee:Rest:MaxBlobBytes must be from 1024 to 1073741824.")]
    [InlineData("MaxDocumentBytes", "0", "Levee:Rest:MaxDocumentBytes must be from 1024 to 1073741824.")]
    [InlineData("DeltasPageSize", "2001", "Levee:Rest:DeltasPageSize must be from 1 to 2000.")]
    [InlineData("DeltasReadBytes", "0", "Levee:Rest:DeltasReadBytes must be from 1024 to 67108864.")]
    [InlineData("PublicUrl", "levee", "Levee:Rest:PublicUrl must be an http or https address without query, such as https://levee.example.org.")]
    [InlineData("CorsOrigins:0", "https://a/b", "Levee:Rest:CorsOrigins:0 must be '*' or scheme, host and port alone, such as https://app.example.org.")]
    public async Task A_setting_out_of_its_range_stops_the_start(string key, string value, string message)
    {
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => RestServer.StartAsync("Production", ($"Levee:Rest:{key}", value)));
        Assert.Contains(message, refused.Failures);
    }

    /// <summary>Bytes whose number is not announced.</summary>
    private sealed class UnknownLength(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
