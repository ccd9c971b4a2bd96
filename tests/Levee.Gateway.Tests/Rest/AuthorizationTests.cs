using System.Net;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Every row of the contract's route table against every kind of bad token.</summary>
public sealed class AuthorizationTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Sha = "da39a3ee5e6b4b0d3255bfef95601890afd80709";

    private static readonly string[] Read = [Scopes.DocRead];
    private static readonly string[] GitWrite = [Scopes.DocRead, Scopes.SummaryWrite];

    private static readonly (string Method, string Path, string[] Scopes)[] Table =
    [
        ("POST", "/documents/acme", [Scopes.DocRead, Scopes.DocWrite]),
        ("GET", "/documents/acme/doc", Read),
        ("GET", "/documents/acme/session/doc", Read),
        ("GET", "/deltas/acme/doc?from=0&to=10", Read),
        ("POST", "/repos/acme/git/blobs", GitWrite),
        ("GET", "/repos/acme/git/blobs/" + Sha, Read),
        ("POST", "/repos/acme/git/trees", GitWrite),
        ("GET", "/repos/acme/git/trees/" + Sha, Read),
        ("POST", "/repos/acme/git/commits", GitWrite),
        ("GET", "/repos/acme/git/commits/" + Sha, Read),
        ("POST", "/repos/acme/git/summaries", GitWrite),
        ("GET", "/repos/acme/git/summaries/" + Sha, Read),
        ("GET", "/repos/acme/git/summaries/latest", Read),
        ("GET", "/repos/acme/git/refs", Read),
        ("GET", "/repos/acme/git/refs/heads/x", Read),
        ("POST", "/repos/acme/git/refs", GitWrite),
        ("PATCH", "/repos/acme/git/refs/heads/x", GitWrite),
    ];

    public static IEnumerable<TheoryDataRow<string, string>> Routes => Table.Select(row => new TheoryDataRow<string, string>(row.Method, row.Path));

    public static IEnumerable<TheoryDataRow<string, string, string>> RoutesAndScopes =>
        Table.SelectMany(row => row.Scopes.Select(scope => new TheoryDataRow<string, string, string>(row.Method, row.Path, scope)));

    public static IEnumerable<TheoryDataRow<string, string>> DocumentRoutes => Routes.Where(row => !row.Data.Item2.Contains("/repos/"));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_a_request_without_token(string method, string path)
    {
        using var response = await server.SendAsync(method, path, token: null, Body(method));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
        Assert.Equal("Missing authentication token", await server.ExpectErrorAsync(401, method, path, null, Json(method)));
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_an_expired_token(string method, string path) =>
        Assert.Equal("Token has expired", await server.ExpectErrorAsync(401, method, path, server.ExpiredToken("doc"), Json(method)));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_what_is_no_token(string method, string path) =>
        Assert.StartsWith("Invalid token", await server.ExpectErrorAsync(401, method, path, "x.y", Json(method)), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_a_token_signed_by_another_tenant(string method, string path) =>
        Assert.Equal("Invalid token signature", await server.ExpectErrorAsync(401, method, path, server.ForeignToken("doc"), Json(method)));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_a_token_for_another_tenant(string method, string path) =>
        Assert.Equal("Token not valid for this tenant", await server.ExpectErrorAsync(403, method, path, server.MisnamedToken("doc"), Json(method)));

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Refuses_an_unknown_tenant(string method, string path) => Assert.Equal(
        "Unknown tenant",
        await server.ExpectErrorAsync(401, method, path.Replace("acme", "nobody", StringComparison.Ordinal), server.Token("doc"), Json(method)));

    [Theory]
    [MemberData(nameof(DocumentRoutes))]
    public async Task Refuses_a_token_for_another_document(string method, string path) => Assert.Equal(
        "Token not valid for this document", await server.ExpectErrorAsync(403, method, path, server.Token("another"), Json(method)));

    [Theory]
    [MemberData(nameof(RoutesAndScopes))]
    public async Task Refuses_a_token_that_lacks_a_scope(string method, string path, string scope)
    {
        var others = new[] { Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryRead, Scopes.SummaryWrite }.Where(other => other != scope);
        var error = await server.ExpectErrorAsync(403, method, path, server.Token("doc", [.. others]), Json(method));
        Assert.Equal($"Token missing required scope: {scope}", error);
    }

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Lets_a_token_with_just_the_scopes_of_the_table_through(string method, string path)
    {
        var scopes = Table.Single(row => (row.Method, row.Path) == (method, path)).Scopes;
        using var response = await server.SendAsync(method, path, server.Token("doc", scopes), Body(method));
        Assert.DoesNotContain(response.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
        Assert.True((int)response.StatusCode < 500);
    }

    [Fact]
    public async Task A_basic_header_carries_no_token()
    {
        using var response = await server.SendAsync("GET", "/deltas/acme/doc", null, null, ("Authorization", "Basic YTpi"));
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    private static JsonObject? Json(string method) => method == "GET" ? null : new JsonObject { ["id"] = "doc" };

    private static StringContent? Body(string method) => method == "GET" ? null : new StringContent(Json(method)!.ToJsonString());
}
