using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Gateway.Tests.Rest;

public sealed class BlobsTests(RestServer server) : IClassFixture<RestServer>
{
    private const string Blobs = "/repos/acme/git/blobs";

    [Theory]
    [InlineData("", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")]
    [InlineData("hello\n", "ce013625030ba8dba906f756967f9e9ca394464a")]
    public async Task Has_the_id_that_git_gives(string text, string sha)
    {
        var answer = await server.ExpectAsync(201, "POST", Blobs, server.Token("d"), new JsonObject { ["content"] = text, ["encoding"] = "utf-8" });
        Assert.Equal($$"""{"sha":"{{sha}}","url":"{{server.Address}}{{Blobs}}/{{sha}}"}""", answer.ToJsonString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(48 * 1024)]
    [InlineData((48 * 1024) + 1)]
    [InlineData(5_000_000)]
    public async Task Comes_back_as_it_was(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var posted = await server.ExpectAsync(
            201, "POST", Blobs, server.Token("d"), new JsonObject { ["content"] = Convert.ToBase64String(bytes), ["encoding"] = "base64" });
        var sha = (string)posted["sha"]!;
        Assert.Equal(Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {size}\0"), .. bytes])), sha);

        using var response = await server.SendAsync("GET", $"{Blobs}/{sha}", server.Token("e", Protocol.Scopes.DocRead));
        Assert.Equal("private, max-age=31536000, immutable", Header(response, "Cache-Control"));
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(sha, (string)answer["sha"]!);
        Assert.Equal(size, (int)answer["size"]!);
        Assert.Equal("base64", (string)answer["encoding"]!);
        Assert.Equal($"{server.Address}{Blobs}/{sha}", (string)answer["url"]!);
        Assert.Equal(bytes, Convert.FromBase64String((string)answer["content"]!));
    }

    [Fact]
    public async Task Head_tells_the_length_that_get_has()
    {
        var sha = await server.PostBlobAsync(server.Token("d"), new string('x', 100_000));
        using var head = await server.SendAsync("HEAD", $"{Blobs}/{sha}", server.Token("d"));
        using var get = await server.SendAsync("GET", $"{Blobs}/{sha}", server.Token("d"));
        var body = await get.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(body.Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Text_with_escapes_is_stored_unescaped()
    {
        using var response = await server.SendJsonAsync("POST", Blobs, server.Token("d"), """{"content":"a\u00e9\ud83d\ude00\n\/"}""");
        var sha = (string)JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["sha"]!;
        var answer = await server.ExpectAsync(200, "GET", $"{Blobs}/{sha}", server.Token("d"));
        Assert.Equal("aé😀\n/", Encoding.UTF8.GetString(Convert.FromBase64String((string)answer["content"]!)));
    }

    [Theory]
    [InlineData("""{}""", "Missing required field: content")]
    [InlineData("""{"content":null}""", "Missing required field: content")]
    [InlineData("""{"content":5}""", "content must be a string")]
    [InlineData("""{"content":"x","encoding":"latin1"}""", "encoding must be utf-8 or base64")]
    [InlineData("""{"content":"x","encoding":5}""", "encoding must be a string")]
    [InlineData("""{"content":"x","encoding":"base64"}""", "content must be base64")]
    [InlineData("""{"content":"\ud800","encoding":"utf-8"}""", "content must be valid text")]
    [InlineData("""{"content":"\ud800","encoding":"base64"}""", "content must be base64")]
    [InlineData("""{"\ud800":1}""", "Request body is not valid JSON")]
    [InlineData("nonsense", "Request body is not valid JSON")]
    public async Task A_body_of_another_shape_is_refused_by_name(string body, string error)
    {
        using var response = await server.SendJsonAsync("POST", Blobs, server.Token("d"), body);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(error, (string)JsonNode.Parse(text)!["error"]!);
    }

    [Fact]
    public async Task Bytes_that_are_not_utf8_are_refused()
    {
        using var response = await server.SendAsync("POST", Blobs, server.Token("d"), new ByteArrayContent([.. "{\"content\":\""u8, 0xFF, .. "\"}"u8]));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_blob_is_not_found()
    {
        var path = $"{Blobs}/{new string('0', 40)}";
        Assert.Equal("Blob not found", await server.ExpectErrorAsync(404, "GET", path, server.Token("d")));
        using var response = await server.SendAsync("GET", path, server.Token("d"));
        Assert.Equal("no-store", Header(response, "Cache-Control"));
    }

    [Fact]
    public async Task What_is_no_id_is_refused() =>
        Assert.Equal("sha must be 40 hexadecimal digits", await server.ExpectErrorAsync(400, "GET", $"{Blobs}/xyz", server.Token("d")));

    [Fact]
    public async Task Another_tenant_does_not_see_it()
    {
        var sha = await server.PostBlobAsync(server.Token("d"), "acme's own");
        await server.ExpectErrorAsync(404, "GET", $"/repos/other/git/blobs/{sha}", server.ForeignToken("d"));
    }

    [Fact]
    public async Task A_tree_is_no_blob()
    {
        var blob = await server.PostBlobAsync(server.Token("d"), "x");
        var tree = await server.PostTreeAsync(server.Token("d"), ("x", "100644", blob));
        await server.ExpectErrorAsync(404, "GET", $"{Blobs}/{tree}", server.Token("d"));
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(", ", response.Headers.NonValidated[name]);
}
