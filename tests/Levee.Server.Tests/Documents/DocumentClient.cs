using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>A channel client of one document, that has joined and, most often, connected.</summary>
internal sealed class DocumentClient : IAsyncDisposable
{
    private readonly ChannelClient _channel;
    private JsonElement? _connected;
    private long _lastNumber;

    private DocumentClient(TestDocument document, ChannelClient channel) => (Document, _channel) = (document, channel);

    public TestDocument Document { get; }

    /// <summary>The payload of connect_document_success.</summary>
    public JsonElement Connected => _connected ?? throw new InvalidOperationException("The client is not connected.");

    public string Id => Connected.Text("clientId")!;

    public string? CloseReason => _channel.CloseReason;

    /// <summary>All sequenced messages that were asked for, in the order of their coming.</summary>
    public List<JsonElement> Received { get; } = [];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    /// <summary>Joins the document's channel, and no more.</summary>
    public static async Task<DocumentClient> JoinAsync(TestDocument document, ChannelFormat format = ChannelFormat.Json)
    {
        var channel = await ChannelClient.ConnectAsync(document.Server.Url, format, Cancelled);
        channel.Timeout = TimeSpan.FromSeconds(30);
        await channel.JoinAsync(document.Topic, Cancelled);
        return new DocumentClient(document, channel);
    }

    /// <summary>Connects and expects success.</summary>
    public async Task ConnectAsync(JsonNode message)
    {
        var reply = await AskAsync("connect_document", message);
        Assert.True(reply.Status == "ok", reply.ToString());
        _connected = await EventAsync("connect_document_success");
        Assert.Equal(Id, reply.Response.Text("clientId"));
    }

    public bool IsConnected => _connected is not null;

    /// <summary>Connects; when it is refused, returns the reply's response after the event has said the same.</summary>
    public async Task<JsonElement?> TryConnectAsync(JsonNode message)
    {
        var reply = await AskAsync("connect_document", message);
        if (reply.Status == "ok")
        {
            _connected = await EventAsync("connect_document_success");
            return null;
        }

        var error = await EventAsync("connect_document_error");
        Assert.Equal(["code", "message"], error.MemberNames());
        Assert.Equal(error.Number("code"), reply.Response.Number("code"));
        Assert.Equal(error.Text("message"), reply.Response.Text("message"));
        return reply.Response;
    }

    /// <summary>Pushes an event on the document's topic.</summary>
    /// <returns>Its ref.</returns>
    public Task<string> PushAsync(string eventName, object payload) => _channel.PushAsync(Document.Topic, eventName, payload, Cancelled);

    /// <summary>Pushes an event whose payload is sent byte for byte; JSON only.</summary>
    /// <returns>Its ref.</returns>
    public async Task<string> PushRawAsync(string eventName, string payload)
    {
        var reference = $"raw-{Guid.NewGuid():N}";
        await _channel.SendTextAsync($"[null,\"{reference}\",\"{Document.Topic}\",\"{eventName}\",{payload}]", Cancelled);
        return reference;
    }

    public Task<ChannelFrame> ReplyAsync(string reference) => _channel.ExpectReplyAsync(reference, cancellationToken: Cancelled);

    /// <summary>Pushes an event and waits for its reply.</summary>
    public async Task<ChannelFrame> AskAsync(string eventName, object payload) => await ReplyAsync(await PushAsync(eventName, payload));

    /// <summary>The payload of the next event of a name.</summary>
    public async Task<JsonElement> EventAsync(string eventName) => (await FrameAsync(eventName)).Payload;

    public Task<ChannelFrame> FrameAsync(string eventName) => _channel.ExpectPushAsync(eventName, cancellationToken: Cancelled);

    /// <summary>Says that no such event has come; to be asked after something that would have come later.</summary>
    public Task AssertNoneAsync(string eventName) => _channel.RefutePushAsync(eventName, TimeSpan.Zero, cancellationToken: Cancelled);

    /// <summary>An op with the client's next number.</summary>
    public JsonObject Op(JsonNode? contents = null, long reference = -1, string type = "op") =>
        NumberedOp(++_lastNumber, contents, reference, type);

    /// <summary>An op with any number.</summary>
    public static JsonObject NumberedOp(long number, JsonNode? contents = null, long reference = -1, string type = "op") => new()
    {
        ["type"] = type,
        ["contents"] = contents ?? "x",
        ["clientSequenceNumber"] = number,
        ["referenceSequenceNumber"] = reference,
    };

    /// <summary>Submits ops as one batch.</summary>
    public Task<ChannelFrame> SubmitAsync(params JsonObject[] ops) =>
        AskAsync("submitOp", new { clientId = Id, messageBatches = new[] { ops } });

    /// <summary>Submits ops that are taken.</summary>
    public async Task WriteAsync(params JsonObject[] ops)
    {
        var reply = await SubmitAsync(ops);
        Assert.True(reply.Status == "ok", reply.ToString());
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

            await ReceiveFrameAsync();
        }
    }

    /// <summary>Waits until a number has come.</summary>
    /// <returns>Everything that came until then, and what came with it.</returns>
    public async Task<List<JsonElement>> ReceiveThroughAsync(long sequenceNumber)
    {
        await ReceiveAsync(message => message.SequenceNumber() >= sequenceNumber);
        return Received;
    }

    /// <summary>The payload of the next nack, which holds one.</summary>
    public async Task<JsonElement> NackAsync()
    {
        var payload = await EventAsync("nack");
        Assert.Equal("", payload.Text("clientId"));
        return Assert.Single(payload.GetProperty("nacks").EnumerateArray());
    }

    /// <summary>Sends one signal as its own batch.</summary>
    public async Task SignalAsync(object signal)
    {
        var reply = await AskAsync("submitSignal", new { clientId = Id, contentBatches = new[] { signal } });
        Assert.True(reply.Status == "ok", reply.ToString());
    }

    /// <summary>Leaves as a well-behaved client does.</summary>
    public async Task LeaveAsync()
    {
        Assert.Equal("ok", (await AskAsync("phx_leave", new { })).Status);
        await FrameAsync("phx_close");
    }

    public Task CloseAsync() => _channel.CloseAsync(Cancelled);

    public void Abort() => _channel.Abort();

    public Task<WebSocketCloseStatus?> ClosedAsync() => _channel.ExpectCloseAsync(cancellationToken: Cancelled);

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task ReceiveFrameAsync()
    {
        var payload = await EventAsync("op");
        Assert.Equal(Document.Id, payload.Text("documentId"));
        Received.AddRange(payload.GetProperty("op").EnumerateArray());
    }
}
