using System.Globalization;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text.Json;
using Levee.Server.Tests.Restart;
using Levee.Testing;
using MessagePack;

namespace Levee.Server.Tests.Interop;

/// <summary>A thousand malformed frames and bodies, on the very document on which two others go on working.</summary>
public sealed class MalformedTrafficTests
{
    private const string Document = "attacked";
    private const int Frames = 700;
    private const int Bodies = 400;
    private const byte ListOfOne = 0x91;

    private static readonly string TooDeepToConvert = new('[', 1000);

    private static readonly string Topic = $"document:{TestTenants.Default.Id}:{Document}";
    private static readonly ChannelFormat[] Formats = [ChannelFormat.Json, ChannelFormat.MessagePack, ChannelFormat.Legacy];

    private const string Summarize = """{"handle":"x","head":"","message":"m","parents":[]}""";

    private const string Create = """
        {"id":"attacked","sequenceNumber":0,"values":[["code",{"value":1}]],"enableDiscovery":true,"summary":{"type":1,"tree":{
        ".app":{"type":1,"tree":{"a":{"type":2,"content":"x"}}},
        ".protocol":{"type":1,"tree":{"attributes":{"type":2,"content":"{\"sequenceNumber\":0,\"minimumSequenceNumber\":0}"}}}}}}
        """;

    private static readonly byte[] NoText = [(byte)'[', (byte)'"', 0xff];

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("LEVEE_TEST_SEED"), out var seed) ? seed : Random.Shared.Next();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_that_a_client_sends_disturbs_others_or_the_server()
    {
        await using var server = await LeveeTestServer.StartAsync(
            new Dictionary<string, string> { ["Logging:LogLevel:Levee"] = "Warning" }, Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await using var ann = new RecordingClient(Document, "ann");
        await using var bob = new RecordingClient(Document, "bob");
        await Task.WhenAll(ann.ConnectAsync(server.Url, Ct), bob.ConnectAsync(server.Url, Ct));
        var ids = new[] { ann.ClientId, bob.ClientId };

        var attack = Task.WhenAll(SendFramesAsync(server.Url, new Random(_seed)), SendBodiesAsync(server.Url, new Random(_seed + 1)));
        while (!attack.IsCompleted)
        {
            await Task.WhenAll(ann.WriteAsync(10, Ct), bob.WriteAsync(10, Ct));
        }

        await attack;
        await Task.WhenAll(ann.WriteAsync(10, Ct), bob.WriteAsync(10, Ct));
        await RequireUndisturbedAsync(server, [ann, bob]);
        Assert.Equal(ids, new[] { ann.ClientId, bob.ClientId });
    }

    [Fact]
    public async Task A_socket_that_sends_what_is_no_text_is_told_so_also_while_ops_are_sent_to_it()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await using var writer = new RecordingClient(Document, "ann");
        await writer.ConnectAsync(server.Url, Ct);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var writing = KeepWritingAsync(writer, enough.Token);

        for (var i = 0; i < 100; i++)
        {
            await using var client = await ChannelClient.ConnectAsync(server.Url, cancellationToken: Ct);
            await client.ConnectDocumentAsync(
                TestTenants.Default.Id, Document, TestTokens.ReadOnly(Document), "read", lastSeenSequenceNumber: 0, cancellationToken: Ct);
            await client.SendAsync(NoText, WebSocketMessageType.Text, cancellationToken: Ct);
            Assert.Equal(WebSocketCloseStatus.InvalidPayloadData, await client.ExpectCloseAsync(cancellationToken: Ct));
        }

        await enough.CancelAsync();
        await writing;
    }

    private static async Task KeepWritingAsync(RecordingClient writer, CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            await writer.WriteAsync(10, Ct);
            Assert.Empty(writer.Refusals);
        }
    }

    private async Task RequireUndisturbedAsync(LeveeTestServer server, RecordingClient[] clients)
    {
        var log = await DocumentLog.ReadAsync(server.Url, Document, Ct);
        var ops = log.Ops.Select(op => op.Contents).ToHashSet();
        foreach (var client in clients)
        {
            await client.SeesAsync(log.Messages.Count, Ct);
            Assert.Equal(log.Messages, client.Seen.Take(log.Messages.Count));
            Assert.Empty(client.Refusals);
            Assert.Equal(client.Submitted.Sum(submission => submission.Length), client.Acknowledged.Count);
            Assert.All(client.Acknowledged, contents => Assert.Contains(contents, ops));
            Assert.Contains(client.ClientId, log.Present);
        }

        using var http = new HttpClient { BaseAddress = server.Url };
        Assert.Equal("""{"status":"ok"}""", await http.GetStringAsync("/health", Ct));
        Assert.False(
            server.Log.Contains(" Error ", StringComparison.Ordinal) || server.Log.Contains(" Critical ", StringComparison.Ordinal)
                || server.Log.Contains("Exception", StringComparison.Ordinal),
            $"LEVEE_TEST_SEED={_seed}: the server logged a failure{Environment.NewLine}{server.Log}");
    }

    /// <summary>Sends frames on as many sockets as it takes; each has been handled, or has ended its socket, before the next.</summary>
    private static async Task SendFramesAsync(Uri server, Random random)
    {
        var sent = 0;
        for (var socket = 0; sent < Frames; socket++)
        {
            var format = Formats[socket % Formats.Length];
            await using var client = await ChannelClient.ConnectAsync(server, format, Ct);
            client.Timeout = TimeSpan.FromSeconds(60);
            var frames = await ConnectAsync(client);
            do
            {
                sent++;
            }
            while (sent < Frames && await SendFrameAsync(client, format, random, frames[random.Next(frames.Length)]));
        }
    }

    /// <summary>Connects as a good client would, and returns valid frames to spoil.</summary>
    private static async Task<string[]> ConnectAsync(ChannelClient client)
    {
        var token = TestTokens.FullAccess(Document);
        var joinRef = (await client.JoinAsync(Topic, Ct)).JoinRef;
        var connect = new
        {
            tenantId = TestTenants.Default.Id,
            id = Document,
            token,
            client = new { details = new { type = "x" } },
            mode = "write",
            versions = new[] { "^0.1.0" },
            lastSeenSequenceNumber = 0,
            nonce = "n",
        };
        await client.PushAsync(Topic, "connect_document", connect, Ct);
        var connected = await client.ExpectPushAsync("connect_document_success", cancellationToken: Ct);
        var clientId = connected.Payload.GetProperty("clientId").GetString();
        var op = new
        {
            type = "op",
            contents = "attack",
            clientSequenceNumber = 1,
            referenceSequenceNumber = -1,
            metadata = new { batch = true },
            compression = "lz4",
            traces = Array.Empty<object>(),
        };
        object signal = new { content = "x", type = "t", clientConnectionNumber = 1, referenceSequenceNumber = 1, targetClientId = clientId };
        var targeted = new { signal, targetedClients = new[] { clientId }, ignoredClients = new[] { "x" } };
        (string Event, object Payload)[] pushes =
        [
            ("phx_join", new { }),
            ("connect_document", connect),
            ("submitOp", new { clientId, messageBatches = new[] { new[] { op, op } } }),
            ("submitOp", new { clientId, messages = new[] { op } }),
            ("submitOp", new { clientId, messages = new[] { Op("summarize", Summarize) } }),
            ("submitOp", new { clientId, messages = new[] { Op("propose", new { key = "code", value = 1 }) } }),
            ("submitSignal", new { clientId, contentBatches = new[] { signal, targeted, "{\"content\":1}" } }),
            ("noop", new { clientId, referenceSequenceNumber = 1 }),
            ("requestOps", new { from = 0 }),
            ("phx_leave", new { }),
        ];
        return [.. pushes.Select(push => JsonSerializer.Serialize(new[] { joinRef, "1", Topic, push.Event, push.Payload }))];
    }

    private static object Op(string type, object contents) =>
        new { type, contents, clientSequenceNumber = 1, referenceSequenceNumber = -1 };

    /// <returns>False when the server has closed the socket, as it may.</returns>
    private static async Task<bool> SendFrameAsync(ChannelClient client, ChannelFormat format, Random random, string valid)
    {
        var spoilt = Encode(format, random, valid);
        try
        {
            await client.SendAsync(
                spoilt,
                format == ChannelFormat.MessagePack ? WebSocketMessageType.Binary : WebSocketMessageType.Text,
                cancellationToken: Ct);
            await client.ExpectReplyAsync(await client.PushAsync("phoenix", "heartbeat", cancellationToken: Ct), "ok", cancellationToken: Ct);
            return true;
        }
        catch (Exception e) when (e is WebSocketException or ChannelExpectationException or ObjectDisposedException && !Ct.IsCancellationRequested)
        {
            // With a status, and not because the server's side fell over.
            var status = await client.ExpectCloseAsync(cancellationToken: Ct);
            Assert.True(
                status is not (null or WebSocketCloseStatus.InternalServerError),
                $"closed with {status} after {Shown(spoilt)}{Environment.NewLine}{e.Message}");
            return false;
        }
    }

    private static string Shown(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes.AsSpan(0, Math.Min(bytes.Length, 2000)));

    private static byte[] Encode(ChannelFormat format, Random random, string valid)
    {
        if (format == ChannelFormat.Legacy)
        {
            var parts = JsonSerializer.Deserialize<JsonElement[]>(valid)!;
            return Malformed.Of(random, JsonSerializer.Serialize(
                new { join_ref = parts[0], @ref = parts[1], topic = parts[2], @event = parts[3], payload = parts[4] }));
        }

        if (format == ChannelFormat.Json)
        {
            return Malformed.Of(random, valid);
        }

        try
        {
            var text = System.Text.Encoding.UTF8.GetString(Malformed.Of(random, valid));
            if (text.Contains(TooDeepToConvert, StringComparison.Ordinal))
            {
                return [.. Enumerable.Repeat(ListOfOne, 20_000)];
            }

            return MessagePackSerializer.ConvertFromJson(text, cancellationToken: Ct);
        }
        catch (Exception e) when (e is MessagePackSerializationException or TinyJsonException or FormatException or OverflowException)
        {
            // What is no JSON has no such form: break the bytes instead.
            return Malformed.WithFlippedBits(random, MessagePackSerializer.ConvertFromJson(valid, cancellationToken: Ct));
        }
    }

    private static async Task SendBodiesAsync(Uri server, Random random)
    {
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TestTokens.FullAccess(Document));
        const string Sha = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
        var git = $"/repos/{TestTenants.Default.Id}/git";
        (HttpMethod Method, string Path, string Body)[] requests =
        [
            (HttpMethod.Post, $"/documents/{TestTenants.Default.Id}", Create),
            (HttpMethod.Post, $"{git}/blobs", """{"content":"aGVsbG8=","encoding":"base64"}"""),
            (HttpMethod.Post, $"{git}/trees",
                $$"""{"tree":[{"path":"a/b","mode":"100644","sha":"{{Sha}}","type":"blob"}],"base_tree":"{{Sha}}"}"""),
            (HttpMethod.Post, $"{git}/commits", $$"""
                {"author":{"name":"a","email":"e","date":"2026-01-01T00:00:00Z"},"message":"m","tree":"{{Sha}}","parents":["{{Sha}}"]}
                """),
            (HttpMethod.Post, $"{git}/refs", $$"""{"ref":"refs/heads/x","sha":"{{Sha}}"}"""),
            (HttpMethod.Patch, $"{git}/refs/heads/x", $$"""{"sha":"{{Sha}}","force":true}"""),
        ];
        for (var i = 0; i < Bodies; i++)
        {
            var (method, path, body) = requests[random.Next(requests.Length)];
            var bytes = Malformed.Of(random, body);
            using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(bytes) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await http.SendAsync(request, Ct);
            Assert.True((int)response.StatusCode < 500, string.Create(
                CultureInfo.InvariantCulture,
                $"{method} {path} answered {(int)response.StatusCode} to {Shown(bytes)}"));
        }
    }
}
