using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Levee.Client;
using Levee.Protocol;
using Levee.Storage.Sqlite;
using Levee.Testing;

namespace Levee.Server.Tests.Restart;

/// <summary>A server that is told to stop says goodbye, keeps everything, and is quick about it whatever its clients do.</summary>
public sealed class RestartTests
{
    private const string Document = "busy";
    private const string Unread = "unread";

    // More than a connection's buffers take when nobody reads at its other end, and less than an outbox.
    private const int UnreadOps = 100;
    private const int UnreadBytes = 100_000;

    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(15);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Stops_cleanly_with_fifty_clients_connected_and_one_that_never_reads(bool terminate)
    {
        await using var server = await LeveeServerProcess.StartAsync(cancellationToken: Ct);
        using var levee = Client(server.Url);
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await levee.CreateDocumentAsync(Unread, cancellationToken: Ct);
        using var deaf = await ConnectDeafClientAsync(server.Url);
        await FloodAsync(levee);
        var clients = Enumerable.Range(0, 50).Select(i => new RecordingClient(Document, $"client-{i}")).ToList();
        await Task.WhenAll(clients.Select(client => client.ConnectAsync(server.Url, Ct)));
        await Task.WhenAll(clients.Select(client => client.WriteAsync(5, Ct)));
        var before = await DocumentLog.ReadAsync(server.Url, Document, Ct);
        Assert.Equal(50, before.Present.Count);

        var exitCode = await server.StopAsync(terminate, Ct).WaitAsync(StopBound, Ct);

        Assert.Equal(0, exitCode);
        foreach (var client in clients)
        {
            await client.EndAsync();
            Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus);
        }

        await RequireCheckpointAsync(server.DataDirectory, Document);
        await RequireCheckpointAsync(server.DataDirectory, Unread);

        await server.StartAgainAsync(Ct);
        var after = await DocumentLog.ReadAsync(server.Url, Document, Ct);
        Assert.Equal(before.Messages, after.Messages.Take(before.Messages.Count));
        Assert.Equal(before.Messages.Count + 50, after.Messages.Count);
        Assert.Empty(after.Present);
        await RequireNextNumberAsync(server.Url, after.Messages.Count + 1);
    }

    [Fact]
    public async Task A_client_goes_on_where_it_was_when_the_server_comes_back()
    {
        await using var server = await LeveeTestServer.StartAsync(cancellationToken: Ct);
        using var levee = server.CreateClient();
        await levee.CreateDocumentAsync(Document, cancellationToken: Ct);
        await using var document = await levee.ConnectAsync(Document, cancellationToken: Ct);
        await using var messages = document.ReadMessagesAsync(after: 0, Ct).GetAsyncEnumerator(Ct);
        await document.SubmitAsync("before", Ct);

        await server.RestartAsync(Ct);
        await document.SubmitAsync("after", Ct);

        var ops = new List<string?>();
        for (var expected = 1L; ops.Count < 2 && await messages.MoveNextAsync(); expected++)
        {
            Assert.Equal(expected, messages.Current.SequenceNumber);
            if (messages.Current.Type == MessageType.Op)
            {
                ops.Add(messages.Current.ReadContents<string>());
            }
        }

        Assert.Equal(["before", "after"], ops);
    }

    private static LeveeClient Client(Uri server) => new(new LeveeClientOptions
    {
        ServerUrl = server,
        TenantId = TestTenants.Default.Id,
        TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.ReadWrite(documentId)),
    });

    /// <summary>A client that connects to a document and from then on takes nothing from its socket.</summary>
    private static async Task<ClientWebSocket> ConnectDeafClientAsync(Uri server)
    {
        var socket = new ClientWebSocket();
        var topic = $"document:{TestTenants.Default.Id}:{Unread}";
        await socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/socket/websocket", Query = "vsn=2.0.0" }.Uri, Ct);
        var connect = new
        {
            tenantId = TestTenants.Default.Id,
            id = Unread,
            token = TestTokens.ReadWrite(Unread),
            client = new { },
            mode = "write",
        };
        await SendAsync(socket, ["1", "1", topic, "phx_join", new { }]);
        await SendAsync(socket, ["1", "2", topic, "connect_document", connect]);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, object[] frame) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(frame)), WebSocketMessageType.Text, endOfMessage: true, Ct);

    private static async Task FloodAsync(LeveeClient levee)
    {
        await using var writer = await levee.ConnectAsync(Unread, cancellationToken: Ct);
        var contents = new string('x', UnreadBytes);
        await Task.WhenAll(Enumerable.Range(0, UnreadOps).Select(_ => writer.SubmitAsync(contents, Ct)));
    }

    /// <summary>A stopped server has nothing to replay: its checkpoint is as new as its log.</summary>
    private static async Task RequireCheckpointAsync(string dataDirectory, string documentId)
    {
        await using var store = SqliteDocumentStore.Open(new SqliteOptions { Path = Path.Combine(dataDirectory, SqliteOptions.FileName) });
        var key = new DocumentKey(TestTenants.Default.Id, documentId);
        var record = await store.FindDocumentAsync(key, Ct);
        var checkpoint = await store.ReadCheckpointAsync(key, Ct);
        Assert.Equal(record!.LastSequenceNumber, checkpoint?.SequenceNumber);
    }

    private static async Task RequireNextNumberAsync(Uri server, long expected)
    {
        await using var client = new RecordingClient(Document, "late");
        await client.ConnectAsync(server, Ct);
        await client.SeesAsync(expected, Ct);
        using var join = JsonDocument.Parse(client.Seen[^1]);
        Assert.Equal("join", join.RootElement.GetProperty("type").GetString());
        Assert.Equal(expected, client.Seen.Count);
    }
}
