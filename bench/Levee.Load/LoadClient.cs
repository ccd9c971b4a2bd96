using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Levee.Load;

/// <summary>A channel client that costs as little as possible, so that the server is what is measured.</summary>
internal sealed class LoadClient : IDisposable
{
    private const string Tenant = "dev-tenant";
    private const string Key = "levee-dev-secret-change-in-production";

    private readonly ClientWebSocket _socket = new();
    private readonly string _topic;
    private byte[] _buffer = new byte[64 << 10];

    private LoadClient(string documentId) => _topic = $"document:{Tenant}:{documentId}";

    public string ClientId { get; private set; } = "";

    public static async Task CreateDocumentAsync(Uri server, string documentId)
    {
        using var http = new HttpClient { BaseAddress = server };
        http.DefaultRequestHeaders.Authorization = new("Bearer", Token(documentId));
        (await http.PostAsJsonAsync($"documents/{Tenant}", new { id = documentId })).EnsureSuccessStatusCode();
    }

    public static async Task<LoadClient> ConnectAsync(Uri server, string documentId, string mode)
    {
        var client = new LoadClient(documentId);
        await client._socket.ConnectAsync(new Uri($"ws://{server.Authority}/socket/websocket?vsn=2.0.0"), CancellationToken.None);
        await client.SendAsync($"""["1","1","{client._topic}","phx_join",{"{}"}]""");
        var connect = JsonSerializer.Serialize(new
        {
            tenantId = Tenant,
            id = documentId,
            token = Token(documentId),
            client = new { },
            mode,
        });
        await client.SendAsync($"""["1","2","{client._topic}","connect_document",{connect}]""");
        while (true)
        {
            var frame = JsonDocument.Parse(await client.ReceiveAsync()).RootElement;
            if (frame[3].GetString() == "connect_document_success")
            {
                client.ClientId = frame[4].GetProperty("clientId").GetString()!;
                return client;
            }

            if (frame[3].GetString() == "connect_document_error")
            {
                throw new InvalidOperationException(frame.ToString());
            }
        }
    }

    public Task SubmitAsync(long firstClientSequenceNumber, int count, long referenceSequenceNumber)
    {
        var text = new StringBuilder($$"""["1",null,"{{_topic}}","submitOp",{"clientId":"{{ClientId}}","messageBatches":[[""");
        for (var i = 0; i < count; i++)
        {
            text.Append(i > 0 ? "," : "").Append(
                $$"""{"type":"op","contents":"{\"key\":\"k{{i}}\",\"value\":{{firstClientSequenceNumber + i}},\"padding\":\"0123456789abcdef0123456789abcdef\"}","clientSequenceNumber":{{firstClientSequenceNumber + i}},"referenceSequenceNumber":{{referenceSequenceNumber}}}""");
        }

        return SendAsync(text.Append("]]}]").ToString());
    }

    /// <summary>The next frame; valid until the next call.</summary>
    public async Task<ReadOnlyMemory<byte>> ReceiveAsync()
    {
        var length = 0;
        while (true)
        {
            var received = await _socket.ReceiveAsync(_buffer.AsMemory(length), CancellationToken.None);
            length += received.Count;
            if (received.MessageType == WebSocketMessageType.Close)
            {
                throw new InvalidOperationException($"The server closed the socket: {_socket.CloseStatus} {_socket.CloseStatusDescription}");
            }

            if (received.EndOfMessage)
            {
                return _buffer.AsMemory(0, length);
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * length);
            }
        }
    }

    public void Dispose() => _socket.Dispose();

    private Task SendAsync(string text) =>
        _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);

    private static string Token(string documentId)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var unsigned = Part(new { alg = "HS256", typ = "JWT" }) + "." + Part(new
        {
            tenantId = Tenant,
            documentId,
            scopes = new[] { "doc:read", "doc:write", "summary:read", "summary:write" },
            user = new { id = "load" },
            iat = now,
            exp = now + 3600,
            ver = "1.0",
        });
        return unsigned + "." + Encode(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.ASCII.GetBytes(unsigned)));
    }

    private static string Part<T>(T value) => Encode(JsonSerializer.SerializeToUtf8Bytes(value));

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
