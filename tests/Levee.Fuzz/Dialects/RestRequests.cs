using System.Text;
using Levee.Fuzz.Generation;
using Levee.Fuzz.Oracle;

namespace Levee.Fuzz.Dialects;

/// <summary>Makes HTTP requests of both kinds of clients: mostly good ones, spoilt in path, query, headers, body or all of them.</summary>
internal sealed class RestRequests(Room room, Random random)
{
    private const string Blob = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
    private const string EmptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

    private static readonly string[] Methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO", "get"];

    private static readonly string[] OddSegments =
    [
        "..", ".", "%2e%2e", "%2f", "a%2Fb", "%00", "%0d%0aX:%20y", "%ff", "%c0%af", "%e4%b8%ad", "%", "%2", "%zz", "a b", "a+b", "*", "~", "'", "\"", "<x>",
        "{id}", "latest", Blob, "0000000000000000000000000000000000000000", "ABCDEF", "refs", "heads", new('x', 300), new('%', 50), "\u00e9",
    ];

    private static readonly string[] OddQueries =
    [
        "?", "?&", "?=", "?a", "?from=1", "?from=-1", "?from=x", "?from=1&from=2", "?from=9223372036854775807", "?from=9223372036854775808", "?to=0", "?to=-9223372036854775808",
        "?from=5&to=2", "?recursive=1", "?recursive=x", "?recursive=1&recursive=1", "?count=0", "?count=1001", "?count=-1", "?count=99999999999999999999", "?count=1&sha=",
        "?sha=%00", "?sha=..", "?initial=true", "?initial=false", "?token=x", "?disableCache=true", "?from=%31", "?from=1%00", "?%ff=%ff", "?from=+1", "?from=1e3", "?from=%EF%BC%91",
    ];

    private readonly List<string> _known = [Blob, EmptyTree];

    /// <summary>The next request.</summary>
    internal RestRequest Next()
    {
        var request = Good();
        request = random.Next(3) == 0 ? WithOddTarget(request) : request;
        request = random.Next(12) == 0 ? request with { Method = Methods[random.Next(Methods.Length)] } : request;
        request = request with { Headers = Headers() };
        if (random.Next(3) == 0)
        {
            request = RestLessForm.Wrap(request, random);
        }

        return random.Next(25) == 0 ? BrokenHttp.Of(request, random) : request;
    }

    /// <summary>A sha that the server gave: later requests name it.</summary>
    internal void Learn(string sha)
    {
        if (_known.Count < 64)
        {
            _known.Add(sha);
        }
    }

    private string Sha() => _known[random.Next(_known.Count)];

    private RestRequest Good()
    {
        var git = $"/repos/{Room.Tenant}/git";
        var name = $"refs/heads/r{random.Next(20)}";
        return random.Next(24) switch
        {
            0 => Post($"/documents/{Room.Tenant}", Document()),
            1 => Get($"/documents/{Room.Tenant}/{room.Document}"),
            2 => Get($"/documents/{Room.Tenant}/session/{room.Document}"),
            3 or 4 => Get($"/deltas/{Room.Tenant}/{room.Document}?from={random.Next(50)}&to={random.Next(100)}"),
            < 8 => Post($"{git}/blobs", $$"""{"content":"{{random.Next(50)}}AP8BAg==","encoding":"{{(random.Next(2) == 0 ? "utf-8" : "base64")}}"}"""),
            8 => Get($"{git}/blobs/{Sha()}"),
            < 12 => Post($"{git}/trees", Tree()),
            12 => Get($"{git}/trees/{Sha()}{(random.Next(2) == 0 ? "?recursive=1" : "")}"),
            13 => Post($"{git}/commits", $$$"""
                {"message":"m","tree":"{{{Sha()}}}","parents":["{{{Sha()}}}"],"author":{"name":"a","email":"e","date":"2026-01-01T00:00:00Z"}}
                """),
            14 => Get($"{git}/commits/{Sha()}"),
            15 => Get($"/repos/{Room.Tenant}/commits?count={random.Next(5)}&sha={(random.Next(2) == 0 ? room.Document : Sha())}"),
            16 => Get($"{git}/refs"),
            17 => Get($"{git}/{name}"),
            18 => Post($"{git}/refs", $$"""{"ref":"{{name}}","sha":"{{Sha()}}"}"""),
            19 => Send("PATCH", $"{git}/{(random.Next(4) == 0 ? $"refs/heads/{room.Document}" : name)}", $$"""{"sha":"{{Sha()}}","force":{{(random.Next(2) == 0 ? "true" : "false")}}}"""),
            < 22 => Post($"{git}/summaries?initial=false", Summary()),
            22 => Get($"{git}/summaries/{(random.Next(2) == 0 ? "latest" : Sha())}"),
            _ => Get(random.Next(2) == 0 ? "/health" : "/"),
        };
    }

    private string Document()
    {
        var id = random.Next(3) == 0 ? room.Document : $"{room.Document}-{random.Next(40)}";
        var summary = random.Next(2) == 0
            ? $$$$$$"""{"type":1,"tree":{".app":{"type":1,"tree":{"a":{"type":2,"content":"x"},"h":{"type":4,"id":"{{{{{{Blob}}}}}}"}}},".protocol":{"type":1,"tree":{"attributes":{"type":2,"content":"{\"sequenceNumber\":0,\"minimumSequenceNumber\":0}"}}}}}"""
            : $$"""{"type":"tree","entries":{{Entries()}}}""";
        return $$"""{"id":"{{id}}","summary":{{summary}},"sequenceNumber":0,"values":[["code",{"key":"code","value":{"a":1},"sequenceNumber":0}]],"enableDiscovery":{{(random.Next(2) == 0 ? "true" : "false")}},"generateToken":true,"enableAnyBinaryBlobOnFirstSummary":true}""";
    }

    private string Tree() => $$"""
        {"tree":[{"path":"a%20b","mode":"100644","sha":"{{Sha()}}","type":"blob"},{"path":".c","mode":"040000","sha":"{{(random.Next(3) == 0 ? "/.channels/a" : Sha())}}","type":"tree"}],"base_tree":{{(random.Next(4) == 0 ? $"\"{Sha()}\"" : "null")}}}
        """;

    private string Summary() => $$"""{"entries":{{Entries()}},"message":"m","sequenceNumber":0,"type":"channel"}""";

    private string Entries() => $$"""
        [{"value":{"type":"blob","content":"{{Planted.Content}}","encoding":"utf-8"},"path":"a%20b","type":"blob"},{"value":{"type":"blob","content":"AP8=","encoding":"base64"},"path":"bin","type":"blob"},{"value":{"type":"tree","entries":[{"path":"x","type":"tree","id":"{{Sha()}}/.app/.channels/x"}]},"path":".channels","type":"tree"},{"path":"att","type":"blob","id":"{{Sha()}}"},{"value":{"type":"tree","entries":[]},"unreferenced":true,"groupId":"g","path":"gone","type":"tree"}]
        """;

    private static RestRequest Get(string target) => new("GET", target, []);

    private RestRequest Post(string target, string body) => Send("POST", target, body);

    private RestRequest Send(string method, string target, string body)
    {
        var tree = Generation.Tree.Parse(body);
        if (random.Next(4) > 0)
        {
            TreeMutation.Apply(tree, random);
        }

        var bytes = Encoding.UTF8.GetBytes(tree.Write());
        return new RestRequest(method, target, random.Next(8) == 0 ? ByteMutation.Apply(bytes, random) : bytes);
    }

    private RestRequest WithOddTarget(RestRequest request)
    {
        var (path, query) = request.Target.IndexOf('?', StringComparison.Ordinal) is var at and >= 0
            ? (request.Target[..at], request.Target[at..])
            : (request.Target, "");
        var segments = path.Split('/').ToList();
        var place = random.Next(1, segments.Count);
        switch (random.Next(6))
        {
            case 0: segments.RemoveAt(place); break;
            case 1: segments.Insert(place, OddSegments[random.Next(OddSegments.Length)]); break;
            case 2 or 3: query = OddQueries[random.Next(OddQueries.Length)]; break;
            case 4: segments.Add(""); break;
            default: segments[place] = OddSegments[random.Next(OddSegments.Length)]; break;
        }

        // Spaces and letters beyond ASCII are for broken requests; here the target is one that HTTP allows.
        var target = $"/{string.Join('/', segments.Skip(1))}{query}".Replace(" ", "%20", StringComparison.Ordinal);
        return request with { Target = string.Concat(target.Select(letter => letter < 0x7f ? letter.ToString() : "%c3%a9")) };
    }

    private List<string> Headers()
    {
        var headers = new List<string>();
        var token = room.Token(random);
        switch (random.Next(14))
        {
            case < 7: headers.Add($"Authorization: Bearer {token}"); break;
            case < 9: headers.Add($"Authorization: Basic {token}"); break;
            case < 11: headers.Add($"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Room.Tenant}:{token}"))}"); break;
            case 11: headers.Add($"Authorization: Bearer {token[..random.Next(token.Length)]}"); break;
            case 12: headers.Add($"Authorization: {(random.Next(2) == 0 ? "Basic !!!" : "Bearer")}"); break;
            default: break;
        }

        switch (random.Next(20))
        {
            case 0: headers.Add("Content-Type: text/plain; charset=utf-7"); break;
            case 1: headers.Add("Content-Type: multipart/form-data; boundary=x"); break;
            case 2: headers.Add("Content-Encoding: gzip"); break;
            case 3: headers.Add("Origin: https://example.org"); break;
            case 4: headers.Add("If-None-Match: *"); break;
            case 5: headers.Add("Range: bytes=0-1"); break;
            case 6: headers.Add("Accept: image/png"); break;
            case 7: headers.Add("X-Forwarded-For: ::::"); break;
            case 8: headers.Add($"X-Long: {new string('x', random.Next(7000))}"); break;
            case 9: headers.Add("Authorization: Bearer second"); break;
            default: headers.Add("Content-Type: application/json"); break;
        }

        return headers;
    }
}
