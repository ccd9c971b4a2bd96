using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;

namespace Levee.Gateway.Tests.Rest;

public sealed class RestLessTests(EchoServer server) : IClassFixture<EchoServer>
{
    private static readonly Gen<string> Method = Gen.OneOf<string>("GET", "POST", "PUT", "PATCH", "DELETE");
    private static readonly Gen<string> Text = Gen.String[Gen.OneOf(Gen.Char[' ', '~'], Gen.Char['\u00a0', '\ud7ff'], Gen.Char['\ue000', '\uffff']), 0, 60];

    // White space at the ends of a header's value means nothing.
    private static readonly Gen<string> HeaderValue = Text.Select(text => text.Trim());

    [Fact]
    public void A_route_sees_the_method_headers_and_body_that_the_form_holds() =>
        Gen.Select(Method, HeaderValue, HeaderValue, Text.Null()).Sample(
            (method, authorization, version, text) =>
            {
                var json = text is null ? null : new JsonObject { [text] = text + "\ud83d\ude00" }.ToJsonString();
                var form = new RestLessContent(method).Header("Authorization", authorization).Header("X-Driver-Version", version);
                var seen = server.SendAsync((json is null ? form : form.Body(json)).ToContent(), "/echo/a%20b?x=%26y").GetAwaiter().GetResult();
                Assert.Equal(method, (string)seen["route"]!);
                Assert.Equal(method, (string)seen["method"]!);
                Assert.Equal($"{server.Http.BaseAddress}echo/a%20b?x=%26y", (string)seen["target"]!);
                Assert.Equal(authorization, (string)seen["headers"]!["authorization"]!);
                Assert.Equal(version, (string)seen["headers"]!["x-driver-version"]!);
                Assert.Equal("application/json", (string)seen["headers"]!["content-type"]!);
                Assert.Equal(json ?? "", Encoding.UTF8.GetString(Convert.FromBase64String((string)seen["body"]!)));
            },
            iter: 300);

    [Theory]
    [InlineData("application/x-www-form-urlencoded;restless", true)]
    [InlineData("application/x-www-form-urlencoded; restless", true)]
    [InlineData("Application/X-WWW-Form-UrlEncoded;charset=utf-8;RESTLESS", true)]
    [InlineData("application/x-www-form-urlencoded", false)]
    [InlineData("application/x-www-form-urlencoded;restless=1", false)]
    [InlineData("text/plain;restless", false)]
    public async Task Is_told_by_its_content_type(string contentType, bool isRestLess)
    {
        var seen = await server.SendAsync(new RestLessContent("get").ToContent(contentType));
        Assert.Equal(isRestLess ? "GET" : "POST", (string)seen["method"]!);
        Assert.Equal(isRestLess ? "" : "method=get", Encoding.UTF8.GetString(Convert.FromBase64String((string)seen["body"]!)));
    }

    [Fact]
    public async Task Only_a_post_is_decoded()
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, "/echo/x") { Content = new RestLessContent("GET").ToContent() };
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("PUT", (string)seen["method"]!);
    }

    [Fact]
    public async Task A_content_type_in_the_form_is_that_of_the_body()
    {
        var seen = await server.SendAsync(new RestLessContent("POST").Header("content-type", "text/plain").Body("x").ToContent());
        Assert.Equal("text/plain", (string)seen["headers"]!["content-type"]!);
    }

    [Fact]
    public async Task The_last_header_of_a_name_counts_and_beats_that_of_the_request()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo/x")
        {
            Content = new RestLessContent("GET").Header("Authorization", "one").Header("AUTHORIZATION", "two").ToContent(),
        };
        request.Headers.TryAddWithoutValidation("Authorization", "zero");
        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var seen = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("two", (string)seen["headers"]!["authorization"]!);
    }

    [Theory]
    [InlineData("Host")]
    [InlineData("Content-Length")]
    [InlineData("Transfer-Encoding")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Upgrade")]
    [InlineData("TE")]
    [InlineData("Trailer")]
    [InlineData("Expect")]
    [InlineData("Proxy-Authorization")]
    [InlineData("Forwarded")]
    [InlineData("X-Forwarded-For")]
    [InlineData("X-Forwarded-Host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Original-URL")]
    [InlineData("X-HTTP-Method-Override")]
    [InlineData("X-Real-IP")]
    [InlineData("Origin")]
    [InlineData("Cookie")]
    [InlineData(":authority")]
    public async Task A_header_that_others_trust_can_not_be_set(string name)
    {
        var form = new RestLessContent("POST");
        if (name.StartsWith(':'))
        {
            await ExpectAsync(400, form.Header(name, "smuggled").ToContent());
            return;
        }

        var seen = await server.SendAsync(form.Header(name, "smuggled").Body("{}").ToContent());
        Assert.DoesNotContain("smuggled", seen.ToJsonString(), StringComparison.Ordinal);
        Assert.StartsWith(server.Http.BaseAddress!.ToString(), (string)seen["target"]!, StringComparison.Ordinal);
        Assert.Equal("{}", Encoding.UTF8.GetString(Convert.FromBase64String((string)seen["body"]!)));
    }

    [Theory]
    [InlineData("", "A RestLess form has no method field")]
    [InlineData("header=a%3A+b", "A RestLess form has no method field")]
    [InlineData("body={}&method=GET", "A RestLess form has no method field")]
    [InlineData("method", "A RestLess form must have one of the methods DELETE, GET, PATCH, POST, PUT")]
    [InlineData("method=", "A RestLess form must have one of the methods DELETE, GET, PATCH, POST, PUT")]
    [InlineData("method=HEAD", "A RestLess form must have one of the methods DELETE, GET, PATCH, POST, PUT")]
    [InlineData("method=CONNECT", "A RestLess form must have one of the methods DELETE, GET, PATCH, POST, PUT")]
    [InlineData("method=GET%0D%0A", "A RestLess form must have one of the methods DELETE, GET, PATCH, POST, PUT")]
    [InlineData("method=GET&method=GET", "A RestLess form has more than one method field")]
    [InlineData("method=G%4", "A RestLess form has a method field with a % that no two hex digits follow")]
    [InlineData("method=GET&header=%zz", "A RestLess form has a header field with a % that no two hex digits follow")]
    [InlineData("method=GET&header=a%3A+%FF", "A RestLess form has a header field that is not UTF-8")]
    [InlineData("method=GET&header=Authorization", "A RestLess form must have header fields of the form Name: value, with a name of at most 128 characters")]
    [InlineData("method=GET&header=%3A+x", "A RestLess form must have header fields of the form Name: value, with a name of at most 128 characters")]
    [InlineData("method=GET&header=a+b%3A+x", "A RestLess form must have header fields of the form Name: value, with a name of at most 128 characters")]
    [InlineData("method=GET&header=a%0D%0Ab%3A+x", "A RestLess form must have header fields of the form Name: value, with a name of at most 128 characters")]
    [InlineData("method=GET&header=a%3A+x%0D%0AHost%3A+y", "A RestLess form must have header fields of at most 32768 characters, without control characters")]
    [InlineData("method=GET&header=a%3A+x%00", "A RestLess form must have header fields of at most 32768 characters, without control characters")]
    [InlineData("method=POST&body={}&header=a%3A+b", "A RestLess form must have its body as the last field")]
    [InlineData("method=POST&body=%7", "A RestLess form has a body with a % that no two hex digits follow")]
    public async Task A_malformed_form_is_refused_in_words(string form, string error)
    {
        await using var rest = await RestServer.StartAsync("Production");
        using var content = new RestLessContent(null).Raw(form).ToContent();
        // A route that needs no token, or a body's defect would not be reached: the form's own come first, whatever the route.
        var isBody = form.StartsWith("method=POST", StringComparison.Ordinal);
        using var response = await rest.SendAsync("POST", isBody ? "/documents/acme" : "/nothing", isBody ? rest.Token("") : null, content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(error, (string)answer["error"]!);
    }

    [Fact]
    public async Task What_stands_before_the_body_is_bounded()
    {
        Assert.Equal("x", (string)(await server.SendAsync(Headers(31).Header("Authorization", "x").ToContent()))["headers"]!["authorization"]!);
        await ExpectAsync(431, Headers(33).ToContent());
        await ExpectAsync(400, new RestLessContent("GET").Header(new string('a', 129), "x").ToContent());
        await ExpectAsync(400, new RestLessContent("GET").Header("a", new string('x', 32769)).ToContent());
        await ExpectAsync(431, new RestLessContent("GET").Field("unknown", new string('x', 64 * 1024)).ToContent());
        await ExpectAsync(431, new RestLessContent("GET").Raw(string.Concat(Enumerable.Repeat("a&", 40_000))).ToContent());
        var long32 = new string('x', 32768);
        Assert.Equal(long32, (string)(await server.SendAsync(new RestLessContent("GET").Header("x-driver-version", long32).ToContent()))["headers"]!["x-driver-version"]!);
    }

    [Fact]
    public async Task Fields_that_mean_nothing_are_passed_over()
    {
        var seen = await server.SendAsync(new RestLessContent("PUT").Raw("&&=&x=%zz&y").Body("{}").ToContent());
        Assert.Equal("PUT", (string)seen["method"]!);
        Assert.Equal("{}", Encoding.UTF8.GetString(Convert.FromBase64String((string)seen["body"]!)));
    }

    [Theory]
    [InlineData("MaxBlobBytes", "/repos/acme/git/blobs", HttpStatusCode.Created)]
    [InlineData("MaxDocumentBytes", "/documents/acme", HttpStatusCode.Created)]
    [InlineData("MaxSummaryBytes", "/repos/acme/git/summaries", HttpStatusCode.BadRequest)]
    [InlineData("MaxBodyBytes", "/repos/acme/git/trees", HttpStatusCode.BadRequest)]
    public async Task A_body_as_long_as_its_route_allows_is_taken_although_its_form_is_three_times_as_long(
        string setting, string path, HttpStatusCode taken)
    {
        const int Limit = 100_000;
        string[] settings = ["MaxBlobBytes", "MaxDocumentBytes", "MaxSummaryBytes", "MaxBodyBytes"];
        await using var rest = await RestServer.StartAsync(
            "Production", [.. settings.Select(other => ($"Levee:Rest:{other}", other == setting ? $"{Limit}" : "1024"))]);
        foreach (var (length, status) in new[] { (Limit, taken), (Limit + 1, HttpStatusCode.RequestEntityTooLarge) })
        {
            var json = $$"""{"content":"{{new string('é', (length - 14) / 2)}}{{new string('x', length % 2)}}"}""";
            Assert.Equal(length, Encoding.UTF8.GetByteCount(json));
            using var response = await rest.SendBasicAsync(
                true, "POST", path, RestServer.Basic(path, rest.Token("")), json);
            Assert.Equal(status, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_form_longer_than_any_route_could_take_is_refused_before_it_is_sent()
    {
        await using var rest = await RestServer.StartAsync(
            "Production",
            [.. new[] { "MaxBlobBytes", "MaxDocumentBytes", "MaxSummaryBytes", "MaxBodyBytes" }.Select(setting => ($"Levee:Rest:{setting}", "1024"))]);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/documents/acme")
        {
            Content = new RestLessContent("POST").Body(new string('x', 100_000)).ToContent(),
        };
        request.Headers.ExpectContinue = true;
        using var response = await rest.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal("Request body too large", (string)answer["message"]!);
    }

    [Fact]
    public async Task A_body_without_leave_is_not_read()
    {
        await using var rest = await RestServer.StartAsync("Production");
        // What is no form after the head shows that nobody looked there.
        using var content = new RestLessContent("POST").Header("Authorization", "Basic x.y.z").Raw("body=%zz").ToContent();
        using var response = await rest.SendAsync("POST", "/documents/acme", null, content);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_page_of_another_origin_reads_answers_and_refusals_and_needs_no_preflight()
    {
        await using var rest = await RestServer.StartAsync("Development");
        foreach (var form in new[] { new RestLessContent("GET"), new RestLessContent(null) })
        {
            using var content = form.ToContent();
            using var response = await rest.SendAsync("POST", "/health", null, content, ("Origin", "https://page.example"));
            Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        }
    }

    private static RestLessContent Headers(int count) =>
        Enumerable.Range(0, count).Aggregate(new RestLessContent("GET"), (form, i) => form.Header($"x-{i}", "y"));

    private async Task ExpectAsync(int status, HttpContent content)
    {
        using var response = await server.Http.PostAsync("/echo/x", content, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)response.StatusCode);
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.StartsWith("A RestLess form ", (string)answer["error"]!, StringComparison.Ordinal);
        Assert.Equal((string)answer["error"]!, (string)answer["message"]!);
    }
}
