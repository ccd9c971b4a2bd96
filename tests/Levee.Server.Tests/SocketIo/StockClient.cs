using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Server.Tests.Documents;
using Levee.Testing;

namespace Levee.Server.Tests.SocketIo;

/// <summary>A client of one document that says on the wire what Microsoft's drivers say.</summary>
internal sealed class StockClient : IAsyncDisposable
{
    private static readonly string[] Versions = ["^0.4.0", "^0.3.0", "^0.2.0", "^0.1.0"];

    private JsonElement? _connected;
    private long _lastNumber;

    private StockClient(TestDocument document, SocketIoClient socket) => (Document, Socket) = (document, socket);

    public TestDocument Document { get; }

    public SocketIoClient Socket { get; }

    /// <summary>The argument of connect_document_success.</summary>
    public JsonElement Connected => _connected ?? throw new InvalidOperationException("The client is not connected.");

    public string Id => Connected.Text("clientId")!;

    /// <summary>All sequenced messages that were asked for, in the order of their coming.</summary>
    public List<JsonElement> Received { get; } = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Opens a socket, and no more.</summary>
    public static async Task<StockClient> OpenAsync(TestDocument document, SocketIoTransport transport = SocketIoTransport.WebSocket)
    {
        var query = $"documentId={document.Id}&tenantId={document.Tenant}";
        var socket = await SocketIoClient.ConnectAsync(document.Server.Url, transport, query, Cancelled);
        socket.Timeout = TimeSpan.FromSeconds(30);
        return new StockClient(document, socket);
    }

    /// <summary>Opens a socket and connects.</summary>
    public static async Task<StockClient> ConnectAsync(
        TestDocument document,
        string? token = null,
        string mode = "write",
        bool signalsV2 = true,
        SocketIoTransport transport = SocketIoTransport.WebSocket)
    {
        var client = await OpenAsync(document, transport);
        await client.ConnectAsync(Message(document, token, mode, signalsV2));
        return client;
    }

    /// <summary>The argument of a connect_document that succeeds, as drivers send it.</summary>
    public static JsonObject Message(TestDocument document, string? token = null, string mode = "write", bool signalsV2 = true)
    {
        var message = new JsonObject
        {
            ["client"] = new JsonObject
            {
                ["details"] = new JsonObject
                {
                    ["capabilities"] = new JsonObject { ["interactive"] = true },
                    ["environment"] = "; loaderVersion:2.111.0",
                },
                ["permission"] = new JsonArray(),
                ["scopes"] = new JsonArray(),
                ["user"] = new JsonObject { ["id"] = "" },
                ["mode"] = mode,
            },
            ["id"] = document.Id,
            ["mode"] = mode,
            ["tenantId"] = document.Tenant,
            ["token"] = token ?? document.FullAccess,
            ["versions"] = new JsonArray([.. Versions.Select(version => (JsonNode)version)]),
            ["relayUserAgent"] = "; loaderVersion:2.111.0; driverVersion:2.111.0",
        };
        if (signalsV2)
        {
            message["supportedFeatures"] = new JsonObject { ["submit_signals_v2"] = true };
        }

        return message;
    }

    public async Task ConnectAsync(JsonNode message)
    {
        await Socket.EmitAsync("connect_document", message);
        _connected = (await EventAsync("connect_document_success")).Arguments[0];
    }

    /// <summary>Connects and expects a refusal.</summary>
    public async Task<JsonElement> RefusedAsync(JsonNode? message)
    {
        await Socket.EmitAsync("connect_document", message);
        return Assert.Single((await EventAsync("connect_document_error")).Arguments);
    }

    public Task<SocketIoEvent> EventAsync(string name, Func<SocketIoEvent, bool>? isWanted = null) =>
        Socket.ExpectEventAsync(name, isWanted, cancellationToken: Cancelled);

    /// <summary>Says that no such event has come; to be asked after something that would have come later.</summary>
    public Task AssertNoneAsync(string name, Func<SocketIoEvent, bool>? isMeant = null) =>
        Socket.RefuteEventAsync(name, TimeSpan.Zero, isMeant, Cancelled);

    /// <summary>An op with the client's next number.</summary>
    public JsonObject Op(JsonNode? contents = null, long reference = -1, string type = "op") =>
        DocumentClient.NumberedOp(++_lastNumber, contents, reference, type);

    /// <summary>Submits ops as one batch.</summary>
    public Task SubmitAsync(params JsonObject[] ops) => Socket.EmitAsync("submitOp", Id, new[] { ops });

    /// <summary>Submits ops and waits until the last of them is back.</summary>
    public async Task<JsonElement> WriteAsync(params JsonObject[] ops)
    {
        await SubmitAsync(ops);
        var number = ops[^1]["clientSequenceNumber"]!.GetValue<long>();
        return await ReceiveAsync(op => op.Text("clientId") == Id && op.Number("clientSequenceNumber") == number);
    }

    /// <summary>Waits until a message has come, among those that came before or will come.</summary>
    public async Task<JsonElement> ReceiveAsync(Func<JsonElement, bool> isWanted)
    {
        var seen = 0;
        while (true)
        {
            for (; seen < Received.Count; seen++)
            {
                if (isWanted(Received[seen]))
                {
                    return Received[seen];
                }
            }

            var ops = await EventAsync("op");
            Assert.Equal(Document.Id, ops.Arguments[0].GetString());
            Received.AddRange(ops.Arguments[1].EnumerateArray());
        }
    }

    /// <summary>Sends signals in the second form.</summary>
    public Task SignalAsync(params object[] signals) => Socket.EmitAsync("submitSignal", Id, signals);

    /// <summary>The argument of the next signal of a client, or of the service when <paramref name="sender"/> is null.</summary>
    public async Task<JsonElement> SignalFromAsync(string? sender) =>
        Assert.Single((await EventAsync("signal", signal => signal.Arguments[0].Text("clientId") == sender)).Arguments);

    /// <summary>What the service says next of who joins or leaves: the word, and the client's id.</summary>
    public async Task<(string Type, string ClientId, JsonElement Content)> AudienceAsync()
    {
        var signal = await SignalFromAsync(null);
        Assert.Equal(["content", "clientId"], signal.MemberNames());
        var content = Json.Of(signal.Text("content")!);
        var subject = content.GetProperty("content");
        return (content.Type()!, subject.ValueKind == JsonValueKind.String ? subject.GetString()! : subject.Text("clientId")!, subject);
    }

    public Task<WebSocketCloseStatus?> ClosedAsync() => Socket.ExpectCloseAsync(cancellationToken: Cancelled);

    public ValueTask DisposeAsync() => Socket.DisposeAsync();
}
