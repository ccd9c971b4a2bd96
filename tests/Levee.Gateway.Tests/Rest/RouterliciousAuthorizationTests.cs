using System.Net;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Every route with every form of <c>Authorization: Basic</c>, in RestLess forms and plain.</summary>
public sealed class RouterliciousAuthorizationTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Sha = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    private static readonly (string Method, string Path, string[] Scopes)[] Table =
    [
        ("POST", "/documents/acme", [Scopes.DocRead, Scopes.DocWrite]),
        ("GET", "/documents/acme/doc", [Scopes.DocRead]),
        ("GET", "/documents/acme/session/doc", [Scopes.DocRead]),
        ("GET", "/deltas/acme/doc?from=0&to=10&fetchReason=x", [Scopes.DocRead]),
        ("GET", "/repos/acme/commits?count=1&sha=doc", [Scopes.DocRead]),
        ("POST", "/repos/acme/git/blobs", [Scopes.DocRead, Scopes.DocWrite]),
        ("GET", "/repos/acme/git/blobs/" + Sha, [Scopes.DocRead]),
        ("POST", "/repos/acme/git/trees", [Scopes.DocRead, Scopes.SummaryWrite]),
        ("GET", $"/repos/acme/git/trees/{Sha}?recursive=1", [Scopes.DocRead]),
        ("POST", "/repos/acme/git/summaries?initial=false", [Scopes.DocRead, Scopes.SummaryWrite]),
        ("GET", "/repos/acme/git/summaries/latest?disableCache=true", [Scopes.DocRead]),
        ("POST", "/repos/acme/git/commits", [Scopes.DocRead, Scopes.SummaryWrite]),
        ("GET", "/repos/acme/git/commits/" + Sha, [Scopes.DocRead]),
        ("GET", "/repos/acme/git/refs", [Scopes.DocRead]),
        ("GET", "/repos/acme/git/refs/heads/x", [Scopes.DocRead]),
        ("POST", "/repos/acme/git/refs", [Scopes.DocRead, Scopes.SummaryWrite]),
        ("PATCH", "/repos/acme/git/refs/heads/x", [Scopes.DocRead, Scopes.SummaryWrite]),
    ];

    public static IEnumerable<TheoryDataRow<string, string, bool>> Routes =>
        Table.SelectMany(row => new[] { false, true }.Select(isRestLess => new TheoryDataRow<string, string, bool>(row.Method, row.Path, isRestLess)));

    public static IEnumerable<TheoryDataRow<string, string, bool>> DocumentRoutes => Routes.Where(row => !row.Data.Item2.StartsWith("/repos/", StringComparison.Ordinal));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Lets_either_form_of_Basic_through_on_every_route(string method, string path, bool isRestLess)
    {
        var token = server.Token("doc", Table.Single(row => (row.Method, row.Path) == (method, path)).Scopes);
        foreach (var authorization in new[] { RestServer.Basic("/repos/", token), RestServer.Basic("/deltas/", token), $"basic  {token} " })
        {
            using var response = await server.SendBasicAsync(isRestLess, method, path, authorization, Json(method, path));
            Assert.DoesNotContain(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
            Assert.True((int)response.StatusCode < 500);
        }
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_what_proves_nothing(string method, string path, bool isRestLess)
    {
        await ExpectAsync(401, "Token has expired", method, path, isRestLess, RestServer.Basic(path, server.ExpiredToken("doc")));
        await ExpectAsync(401, "Invalid token signature", method, path, isRestLess, RestServer.Basic(path, server.ForeignToken("doc")));
        await ExpectAsync(401, "Missing authentication token", method, path, isRestLess, "Basic");
        const string NoJwt = "Invalid token: not a signed JWT of three base64url parts";
        await ExpectAsync(401, NoJwt, method, path, isRestLess, "Basic x");
        await ExpectAsync(401, NoJwt, method, path, isRestLess, "Basic " + Convert.ToBase64String("no colon"u8));
        await ExpectAsync(401, NoJwt, method, path, isRestLess, "Basic " + Convert.ToBase64String("acme:x.y"u8));
        await ExpectAsync(401, "Missing authentication token", method, path, isRestLess, "Basic " + Convert.ToBase64String("acme:"u8));
        var unknown = path.Replace("acme", "nobody", StringComparison.Ordinal);
        await ExpectAsync(401, "Unknown tenant", method, unknown, isRestLess, RestServer.Basic(path, server.Token("doc")));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_what_does_not_allow_this(string method, string path, bool isRestLess)
    {
        const string WrongTenant = "Token not valid for this tenant";
        await ExpectAsync(403, WrongTenant, method, path, isRestLess, RestServer.Basic(path, server.MisnamedToken("doc")));
        await ExpectAsync(403, WrongTenant, method, path, isRestLess, RestServer.Basic("/repos/", server.Token("doc"), tenant: "other"));
        var scopes = Table.Single(row => (row.Method, row.Path) == (method, path)).Scopes;
        foreach (var missing in scopes)
        {
            string[] others = [.. scopes.Where(scope => scope != missing), Scopes.SummaryRead];
            await ExpectAsync(403, $"Token missing required scope: {missing}", method, path, isRestLess, RestServer.Basic(path, server.Token("doc", others)));
        }
    }

    [Theory]
    [MemberData(nameof(DocumentRoutes))]
    public Task Refuses_a_token_for_another_document(string method, string path, bool isRestLess) => ExpectAsync(
        403, "Token not valid for this document", method, path, isRestLess, RestServer.Basic(path, server.Token("another")));

    [Fact]
    public async Task A_summarizer_may_upload_blobs_too_but_not_without_either_scope()
    {
        const string Path = "/repos/acme/git/blobs";
        using var response = await server.SendBasicAsync(
            true, "POST", Path, RestServer.Basic(Path, server.Token("d", Scopes.DocRead, Scopes.SummaryWrite)), """{"content":""}""");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        // Levee's own clients need the scope that they always needed.
        Assert.Equal(
            "Token missing required scope: summary:write",
            await server.ExpectErrorAsync(403, "POST", Path, server.Token("d", Scopes.DocRead, Scopes.DocWrite), new JsonObject { ["content"] = "" }));
    }

    [Fact]
    public async Task An_older_drivers_token_in_the_query_is_not_looked_at()
    {
        var id = RestServer.NewId();
        await server.CreateDocumentAsync(id);
        var query = "?token=" + Uri.EscapeDataString(Convert.ToBase64String("other"u8));
        var path = $"/repos/acme/commits{query}&count=1&sha={id}";
        await server.ExpectBasicAsync(true, 404, "GET", path, server.Token(id));
        await ExpectAsync(401, "Missing authentication token", "GET", path, true, "Basic");
        var blob = await server.ExpectBasicAsync(true, 201, "POST", "/repos/acme/git/blobs" + query, server.Token(id), new JsonObject { ["content"] = "x" });
        await server.ExpectBasicAsync(true, 200, "GET", $"/repos/acme/git/blobs/{blob["sha"]}{query}", server.Token(id));
    }

    private async Task ExpectAsync(int status, string error, string method, string path, bool isRestLess, string authorization)
    {
        using var response = await server.SendBasicAsync(isRestLess, method, path, authorization, Json(method, path));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{method} {path} with {error}: {(int)response.StatusCode} {text}");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($$"""{"error":"{{error}}","message":"{{error}}"}""", text);
        // No Basic: a browser would ask its user for a password.
        Assert.Equal(status == 401 ? ["Bearer"] : [], response.Headers.WwwAuthenticate.Select(challenge => challenge.Scheme));
    }

    private static string? Json(string method, string path) =>
        method == "GET" ? null : path.StartsWith("/documents", StringComparison.Ordinal) ? """{"id":"doc"}""" : "{}";
}
