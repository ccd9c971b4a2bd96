using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol.Git;
using Levee.Sessions;

namespace Levee.Gateway.Tests.Rest;

/// <summary>What was written over HTTP, exported and judged by git itself.</summary>
public sealed class FsckTests(RestServer server) : IClassFixture<RestServer>
{
    private readonly string _token = server.Token("d");

    [Fact]
    public async Task Git_accepts_everything_that_a_ref_reaches()
    {
        var id = RestServer.NewId();
        var summary = JsonNode.Parse("""
            {"type":1,"tree":{".app":{"type":1,"tree":{"a b":{"type":2,"content":"é"},".channels":{"type":1,"tree":{"a":{"type":1,"tree":{}},"a.b":{"type":2,
            "content":"x"},"a0":{"type":2,"content":"AAEC","encoding":"base64"},"日本":{"type":2,"content":""}}}}}}}
            """);
        await server.ExpectAsync(201, "POST", "/documents/acme", server.Token(id), new JsonObject { ["id"] = id, ["summary"] = summary });
        var head = await TargetAsync(id);
        var blob = await server.PostBlobAsync(_token, "hello\n");
        var tree = await server.PostTreeAsync(
            server.Token(id), ("link", "120000", blob), ("run", "100755", blob), ("old", "040000", "/.channels"), ("x/y/z", "100644", blob));
        var bodies = new[]
        {
            """{"message":"m","author":{"name":"  <.> ","email":"a b\u0007<","date":"2026-03-01T12:00:00-03:30"}}""",
            """{"message":"","author":{"name":"É \"q\"","email":""}}""",
            """{"message":"three\n\nlines\n"}""",
        };
        var tip = head;
        foreach (var body in bodies)
        {
            var commit = JsonNode.Parse(body)!.AsObject();
            commit["tree"] = tree;
            commit["parents"] = new JsonArray(JsonValue.Create(tip), JsonValue.Create(head));
            tip = (string)(await server.ExpectAsync(201, "POST", "/repos/acme/git/commits", _token, commit))["sha"]!;
        }

        var branch = RestServer.NewId();
        await server.ExpectAsync(200, "PATCH", $"/repos/acme/git/refs/heads/{branch}", _token, new JsonObject { ["sha"] = tip });
        using var repository = new Repository();
        await repository.ExportAsync(server, ObjectId.TryParse(tip, out var start) ? start : default);
        Assert.Equal("", await repository.GitAsync("fsck", "--strict", "--full", "--no-dangling"));
        Assert.Equal("hello\n", await repository.GitAsync("show", $"{tip}:x/y/z"));
        Assert.Equal("x", await repository.GitAsync("show", $"{tip}:old/a.b"));
        Assert.Equal("4", (await repository.GitAsync("rev-list", "--count", tip)).Trim());
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("é 😀\r\n\t\"quoted\"\u0001")]
    public async Task A_blob_has_the_id_of_hash_object(string text)
    {
        using var repository = new Repository();
        var file = Path.Combine(repository.Directory, "file");
        await File.WriteAllTextAsync(file, text, new UTF8Encoding(false), TestContext.Current.CancellationToken);
        Assert.Equal((await repository.GitAsync("hash-object", "--no-filters", file)).Trim(), await server.PostBlobAsync(_token, text));
    }

    private async Task<string> TargetAsync(string id) =>
        (string)(await server.ExpectAsync(200, "GET", $"/repos/acme/git/refs/heads/{id}", server.Token(id)))["object"]!["sha"]!;

    /// <summary>A bare repository in a temporary directory.</summary>
    private sealed class Repository : IDisposable
    {
        public Repository()
        {
            Directory = System.IO.Directory.CreateTempSubdirectory("levee-git-").FullName;
            GitAsync("init", "--bare", "--quiet").GetAwaiter().GetResult();
        }

        public string Directory { get; }

        public async Task ExportAsync(RestServer server, ObjectId commit)
        {
            var seen = new HashSet<ObjectId>();
            var next = new Stack<ObjectId>([commit]);
            while (next.TryPop(out var id))
            {
                if (!seen.Add(id))
                {
                    continue;
                }

                var found = await server.Store.FindObjectAsync("acme", id, TestContext.Current.CancellationToken);
                Write(found!);
                foreach (var named in Named(found!))
                {
                    next.Push(named);
                }
            }

            File.WriteAllText(Path.Combine(Directory, "refs", "heads", "master"), commit + "\n");
            File.WriteAllText(Path.Combine(Directory, "HEAD"), "ref: refs/heads/master\n");
        }

        /// <summary>Runs git and expects success; gives all that it says.</summary>
        public async Task<string> GitAsync(params string[] arguments)
        {
            var start = new ProcessStartInfo("git", ["-C", Directory, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            var text = await output + error;
            Assert.True(process.ExitCode == 0, $"git {string.Join(' ', arguments)}: {text}");
            return text;
        }

        public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

        private static IEnumerable<ObjectId> Named(GitObject found) => found.Kind switch
        {
            GitObjectKind.Commit => [ObjectReader.CommitOf(found).Tree, .. ObjectReader.CommitOf(found).Parents],
            GitObjectKind.Tree => ObjectReader.EntriesOf(found).Select(entry => entry.Id),
            _ => [],
        };

        private void Write(GitObject found)
        {
            var hex = found.Id.ToString();
            var folder = System.IO.Directory.CreateDirectory(Path.Combine(Directory, "objects", hex[..2])).FullName;
            using var file = File.Create(Path.Combine(folder, hex[2..]));
            using var zlib = new ZLibStream(file, CompressionLevel.Fastest);
            zlib.Write(Encoding.ASCII.GetBytes($"{ObjectReader.NameOf(found.Kind)} {found.Content.Length}\0"));
            zlib.Write(found.Content.Span);
        }
    }
}
