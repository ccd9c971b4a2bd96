using System.Net.WebSockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MessagePack;

namespace Levee.Gateway.Tests.Phoenix;

/// <summary>A frame as the client sees it.</summary>
public sealed record ReceivedFrame(string? JoinRef, string? Ref, string Topic, string Event, JsonElement Payload)
{
    public string? Status => Payload.GetProperty("status").GetString();

    public string Response => Payload.GetProperty("response").GetRawText();
}

/// <summary>A client of one serialization that shares no code with the server: JSON nodes, and MessagePack's own JSON conversion.</summary>
public sealed class PhoenixTestClient : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string? _vsn;

    private PhoenixTestClient(ClientWebSocket socket, string? vsn)
    {
        Socket = socket;
        _vsn = vsn;
    }

    public ClientWebSocket Socket { get; }

    private static CancellationToken Test => TestContext.Current.CancellationToken;

    public static async Task<PhoenixTestClient> ConnectAsync(Uri address, string? vsn)
    {
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(address, Test);
        return new PhoenixTestClient(socket, vsn);
    }

    public Task SendAsync(string? joinRef, string? reference, string topic, string eventName, string payload = "{}")
    {
        var array = new JsonArray(joinRef, reference, topic, eventName, JsonNode.Parse(payload)).ToJsonString(Plain);
        return _vsn switch
        {
            null => SendTextAsync(new JsonObject
            {
                ["topic"] = topic,
                ["event"] = eventName,
                ["payload"] = JsonNode.Parse(payload),
                ["ref"] = reference,
                ["join_ref"] = joinRef,
            }.ToJsonString(Plain)),
            "3.0.0" => SendBinaryAsync(MessagePackSerializer.ConvertFromJson(array, cancellationToken: Test)),
            _ => SendTextAsync(array),
        };
    }

    public Task SendTextAsync(string text) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Test);

    public Task SendBinaryAsync(byte[] bytes) =>
        Socket.SendAsync(bytes, WebSocketMessageType.Binary, true, Test);

    /// <summary>Sends <c>phx_join</c> with the ref as join_ref, and expects it to be taken.</summary>
    public async Task JoinAsync(string topic, string reference = "1", string payload = "{}")
    {
        await SendAsync(reference, reference, topic, "phx_join", payload);
        var reply = await ReceiveAsync();
        Assert.Equal("ok", reply.Status);
    }

    public async Task<ReceivedFrame> ReceiveAsync()
    {
        var (result, bytes) = await ReceiveMessageAsync();
        Assert.False(
            result.MessageType == WebSocketMessageType.Close, $"closed: {Socket.CloseStatus} {Socket.CloseStatusDescription}");
        Assert.Equal(_vsn == "3.0.0" ? WebSocketMessageType.Binary : WebSocketMessageType.Text, result.MessageType);
        var text = _vsn == "3.0.0"
            ? MessagePackSerializer.ConvertToJson(bytes, cancellationToken: Test)
            : Encoding.UTF8.GetString(bytes);
        using var json = JsonDocument.Parse(text);
        var root = json.RootElement.Clone();
        if (_vsn is null)
        {
            return new ReceivedFrame(
                root.GetProperty("join_ref").GetString(),
                root.GetProperty("ref").GetString(),
                root.GetProperty("topic").GetString()!,
                root.GetProperty("event").GetString()!,
                root.GetProperty("payload"));
        }

        Assert.Equal(5, root.GetArrayLength());
        return new ReceivedFrame(
            root[0].GetString(), root[1].GetString(), root[2].GetString()!, root[3].GetString()!, root[4]);
    }

    /// <summary>Reads until the close frame, whatever comes before it.</summary>
    public async Task<(int Status, string Reason)> ReceiveCloseAsync()
    {
        while ((await ReceiveMessageAsync()).Result.MessageType != WebSocketMessageType.Close)
        {
        }

        var close = ((int)Socket.CloseStatus!, Socket.CloseStatusDescription ?? "");
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", Test);
        return close;
    }

    /// <summary>A heartbeat is answered: the socket lives, and everything before it was handled.</summary>
    public async Task HeartbeatAsync(string reference = "hb")
    {
        await SendAsync(null, reference, "phoenix", "heartbeat");
        var reply = await ReceiveAsync();
        Assert.Equal(("phoenix", "phx_reply", reference, "ok", "{}"),
            (reply.Topic, reply.Event, reply.Ref!, reply.Status!, reply.Response));
    }

    public ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<(WebSocketReceiveResult Result, byte[] Bytes)> ReceiveMessageAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Test);
        patience.CancelAfter(PhoenixServer.Patience);
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var result = await Socket.ReceiveAsync(new ArraySegment<byte>(buffer), patience.Token);
            message.Write(buffer, 0, result.Count);
            if (result.EndOfMessage)
            {
                return (result, message.ToArray());
            }
        }
    }
}
