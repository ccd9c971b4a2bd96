namespace Levee.Gateway.Tests.Rest;

/// <summary>What every answer carries, whatever it says, and what none does.</summary>
public sealed class HygieneTests(RestServer server) : IClassFixture<RestServer>
{
    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/nothing/here")]
    [InlineData("GET", "/deltas/acme/doc")]
    [InlineData("PUT", "/documents/acme")]
    [InlineData("OPTIONS", "/documents/acme")]
    public async Task Every_answer_has_security_headers(string method, string path)
    {
        using var response = await server.SendAsync(method, path, token: null);
        Assert.Equal(["nosniff"], response.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["DENY"], response.Headers.GetValues("X-Frame-Options"));
        Assert.Equal(["no-referrer"], response.Headers.GetValues("Referrer-Policy"));
        Assert.Equal(["default-src 'none'; frame-ancestors 'none'"], response.Headers.GetValues("Content-Security-Policy"));
    }

    [Fact]
    public async Task Every_request_has_an_id_of_its_own()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            using var response = await server.SendAsync("GET", i % 2 == 0 ? "/health" : "/nothing/here", token: null);
            Assert.True(ids.Add(Assert.Single(response.Headers.GetValues("X-Correlation-Id"))));
        }
    }

    [Theory]
    [InlineData("c0ffee-1.2_3:4", true)]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123", true)]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234", false)]
    [InlineData("two words", false)]
    [InlineData("<script>", false)]
    [InlineData("a%0Ab", false)]
    public async Task A_plain_id_of_the_client_is_kept(string sent, bool isKept)
    {
        using var response = await server.SendAsync("GET", "/health", token: null, headers: ("X-Correlation-Id", sent));
        Assert.Equal(isKept, Assert.Single(response.Headers.GetValues("X-Correlation-Id")) == sent);
    }

    [Fact]
    public async Task Pages_of_other_origins_may_read_the_id_and_when_to_come_again()
    {
        await using var open = await RestServer.StartAsync("Production", ("Levee:Rest:CorsOrigins:0", "https://app.example.org"));
        using var response = await open.SendAsync("GET", "/health", token: null, headers: ("Origin", "https://app.example.org"));
        Assert.Equal(["X-Correlation-Id,Retry-After"], response.Headers.GetValues("Access-Control-Expose-Headers"));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task A_failure_inside_shows_no_trace_of_the_inside(string environment)
    {
        await using var failing = await RestServer.StartAsync(environment);
        // A store that is gone fails in a way that nobody expects.
        await ((IAsyncDisposable)failing.Store).DisposeAsync();
        using var response = await failing.SendAsync("GET", "/documents/acme/doc", failing.Token("doc"));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode >= 500, text);
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Levee.", text, StringComparison.Ordinal);
    }
}
