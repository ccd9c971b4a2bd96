using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Gateway.Tests.Rest;

/// <summary>Whatever is sent, the answer is the client's fault or success, in JSON, and the server goes on.</summary>
public sealed class RandomBodiesTests(RestServer server) : IClassFixture<RestServer>
{
    private const int Requests = 600;

    private static readonly (string Method, string Path)[] Writes =
    [
        ("POST", "/documents/acme"), ("POST", "/repos/acme/git/blobs"), ("POST", "/repos/acme/git/trees"), ("POST", "/repos/acme/git/commits"),
        ("POST", "/repos/acme/git/refs"), ("PATCH", "/repos/acme/git/refs/heads/x"),
    ];

    private static readonly string[] Reads =
    [
        "/documents/acme/{0}", "/documents/acme/session/{0}", "/deltas/acme/{0}?from={0}&to={0}", "/repos/acme/git/blobs/{0}",
        "/repos/acme/git/trees/{0}?recursive={0}", "/repos/acme/git/commits/{0}", "/repos/acme/git/refs/{0}", "/repos/{0}/git/refs",
    ];

    private static readonly string[] Names =
    [
        "id", "summary", "sequenceNumber", "values", "enableDiscovery", "type", "tree", "content", "encoding", "handle", ".app", ".protocol",
        "attributes", "quorumValues", "path", "mode", "sha", "base_tree", "message", "parents", "author", "name", "email", "date", "ref", "force",
        "code", "key", "value", "approvalSequenceNumber", "", "\\ud800", "a/b", "x",
    ];

    private static readonly string[] Leaves =
    [
        "null", "true", "false", "0", "1", "2", "3", "4", "-1", "1e400", "9223372036854775808", "0.5", "\"\"", "\"x\"", "\"base64\"", "\"utf-8\"",
        "\"100644\"", "\"040000\"", "\"refs/heads/x\"", "\"/.channels\"", "\"\\ud800\"", "\"\\u0000\"", "\"4b825dc642cb6eb9a060e54bf8d69288fbee4904\"",
        "\"e69de29bb2d1d6434b8b29ae775ad8c2e48c5391\"", "\"[]\"", "\"{}\"", "\"2026-01-01T00:00:00Z\"", "[]", "{}", "\"\ud83d\ude00\"",
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(20260301)]
    public async Task No_body_and_no_path_is_the_servers_fault(int seed)
    {
        var random = new Random(seed);
        // Something for ids to hit.
        await server.PostTreeAsync(server.Token("d"));
        await server.PostBlobAsync(server.Token("d"), "");
        for (var i = 0; i < Requests; i++)
        {
            var (method, path) = Writes[random.Next(Writes.Length)];
            var body = Body(random);
            using var response = await server.SendAsync(method, path, server.Token(""), new ByteArrayContent(body));
            await CheckAsync(response, $"seed {seed}, request {i}: {method} {path} {Encoding.UTF8.GetString(body)}");
            if (i % 2 == 0)
            {
                var value = Segment(random);
                var read = Reads[random.Next(Reads.Length)].Replace("{0}", value, StringComparison.Ordinal);
                using var answer = await server.SendAsync("GET", read, server.Token(Uri.UnescapeDataString(value)));
                await CheckAsync(answer, $"seed {seed}, request {i}: GET {read}");
            }
        }

        Assert.Equal("ok", (string)(await server.ExpectAsync(200, "GET", "/health", null))["status"]!);
    }

    private static async Task CheckAsync(HttpResponseMessage response, string what)
    {
        Assert.True((int)response.StatusCode < 500, $"{(int)response.StatusCode} for {what}");
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode || JsonNode.Parse(text) is JsonObject { Count: 1 }, $"'{text}' for {what}");
    }

    private static byte[] Body(Random random)
    {
        var json = Encoding.UTF8.GetBytes(random.Next(8) == 0 ? Value(random, 4) : Object(random, 5));
        if (random.Next(4) == 0 && json.Length > 0)
        {
            // Damaged: a byte of any kind, or an early end.
            json[random.Next(json.Length)] = (byte)random.Next(256);
            return random.Next(2) == 0 ? json[..random.Next(json.Length)] : json;
        }

        return json;
    }

    private static string Value(Random random, int depth) => (depth == 0 ? 9 : random.Next(10)) switch
    {
        < 4 => Object(random, depth - 1),
        < 6 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)))}]",
        _ => Leaves[random.Next(Leaves.Length)],
    };

    private static string Object(Random random, int depth) =>
        $"{{{string.Join(',', Enumerable.Range(0, random.Next(6)).Select(_ => $"\"{Names[random.Next(Names.Length)]}\":{Value(random, Math.Max(0, depth - 1))}"))}}}";

    private static string Segment(Random random)
    {
        var bytes = new byte[random.Next(1, 24)];
        random.NextBytes(bytes);
        return random.Next(3) switch
        {
            0 => string.Concat(bytes.Where(b => b != 0).Select(b => $"%{b:X2}")) is { Length: > 0 } escaped ? escaped : "x",
            1 => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            _ => Uri.EscapeDataString(Convert.ToBase64String(bytes)),
        };
    }
}
