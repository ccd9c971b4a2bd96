using System.Buffers;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Levee.Client.Phoenix;

namespace Levee.Testing;

/// <summary>
/// A raw client of Phoenix channels for tests of the protocol: it sends what it is told to and keeps what comes until a test asks for it.
/// A frame that an expectation has taken is gone; others stay. Safe for any number of threads.
/// </summary>
public sealed class ChannelClient : IAsyncDisposable
{
    private const int FramesShown = 20;

    // Apart from each other, so that a server that takes the one for the other is found out.
    private const int FirstRef = 1000;
    private const int FirstJoinRef = 7;

    private readonly Lock _gate = new();
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _ended = new();
    private readonly IFrameCodec _codec;
    private readonly Dictionary<string, string> _joins = [];
    private readonly Inbox<ChannelFrame> _inbox = new(FramesShown);
    private Task _receiving = Task.CompletedTask;
    private int _lastRef = FirstRef;
    private int _lastJoinRef = FirstJoinRef;
    private string? _error;

    private ChannelClient(IFrameCodec codec) => _codec = codec;

    /// <summary>How long expectations wait when they are not told otherwise. Default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The status with which the server closed the socket; null while it has not.</summary>
    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>The reason that the server gave with <see cref="CloseStatus"/>.</summary>
    public string? CloseReason => _socket.CloseStatusDescription;

    /// <summary>Connects to a server, on its <c>/socket/websocket</c>.</summary>
    public static async Task<ChannelClient> ConnectAsync(
        Uri server, ChannelFormat format = ChannelFormat.Json, CancellationToken cancellationToken = default)
    {
        IFrameCodec codec = format switch
        {
            ChannelFormat.Json => new JsonFrameCodec(),
            ChannelFormat.MessagePack => new MessagePackFrameCodec(),
            _ => new LegacyFrameCodec(),
        };
        var client = new ChannelClient(codec);
        var address = new UriBuilder(server)
        {
            Scheme = "ws",
            Path = "/socket/websocket",
            Query = codec.Version is null ? "" : $"vsn={codec.Version}",
        };
        await client._socket.ConnectAsync(address.Uri, cancellationToken);
        client._receiving = client.ReceiveAsync();
        return client;
    }

    /// <summary>Joins a topic and expects <c>ok</c>.</summary>
    public async Task<ChannelFrame> JoinAsync(string topic, CancellationToken cancellationToken = default) =>
        await ExpectReplyAsync(await PushJoinAsync(topic, cancellationToken: cancellationToken), "ok", cancellationToken: cancellationToken);

    /// <summary>Sends a join; later pushes on the topic carry its join_ref.</summary>
    /// <returns>The join's ref.</returns>
    public Task<string> PushJoinAsync(string topic, object? payload = null, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            _joins[topic] = (++_lastJoinRef).ToString(CultureInfo.InvariantCulture);
        }

        return PushAsync(topic, "phx_join", payload, cancellationToken);
    }

    /// <summary>Joins a document's topic, connects to the document and expects success.</summary>
    /// <returns>The payload of <c>connect_document_success</c>.</returns>
    public async Task<JsonElement> ConnectDocumentAsync(
        string tenantId,
        string documentId,
        string token,
        string mode = "write",
        long? lastSeenSequenceNumber = null,
        CancellationToken cancellationToken = default)
    {
        var topic = $"document:{tenantId}:{documentId}";
        await JoinAsync(topic, cancellationToken);
        var payload = new Dictionary<string, object?>
        {
            ["tenantId"] = tenantId,
            ["id"] = documentId,
            ["token"] = token,
            ["client"] = new { details = new { capabilities = new { interactive = true } } },
            ["mode"] = mode,
            ["versions"] = new[] { "^0.1.0", "^1.0.0" },
        };
        if (lastSeenSequenceNumber is not null)
        {
            payload["lastSeenSequenceNumber"] = lastSeenSequenceNumber;
        }

        var reference = await PushAsync(topic, "connect_document", payload, cancellationToken);
        await ExpectReplyAsync(reference, "ok", cancellationToken: cancellationToken);
        return (await ExpectPushAsync("connect_document_success", cancellationToken: cancellationToken)).Payload;
    }

    /// <summary>Sends a push. The payload is serialized; null stands for <c>{}</c>.</summary>
    /// <returns>The push's ref.</returns>
    public async Task<string> PushAsync(
        string topic, string eventName, object? payload = null, CancellationToken cancellationToken = default)
    {
        string? joinRef;
        string reference;
        lock (_gate)
        {
            reference = (++_lastRef).ToString(CultureInfo.InvariantCulture);
            _joins.TryGetValue(topic, out joinRef);
        }

        var json = payload is null ? "{}"u8.ToArray() : JsonSerializer.SerializeToUtf8Bytes(payload);
        await SendAsync(
            _codec.Encode(new PhoenixFrame(joinRef, reference, topic, eventName, json)), _codec.MessageType, cancellationToken: cancellationToken);
        return reference;
    }

    /// <summary>Sends any text at all as a text frame.</summary>
    public Task SendTextAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, cancellationToken: cancellationToken);

    /// <summary>Sends any bytes at all, as a frame or as the beginning of one.</summary>
    public async Task SendAsync(
        ReadOnlyMemory<byte> bytes, WebSocketMessageType type, bool endOfMessage = true, CancellationToken cancellationToken = default)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(bytes, type, endOfMessage, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Expects the reply to a push, and its status if one is given.</summary>
    public async Task<ChannelFrame> ExpectReplyAsync(
        string reference, string? status = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        var reply = await ExpectAsync(
            frame => frame.Event == "phx_reply" && frame.Ref == reference, $"a reply to {reference}", timeout, cancellationToken);
        return status is null || reply.Status == status
            ? reply
            : throw new ChannelExpectationException($"Expected the reply to {reference} to be {status}, but it was {reply}.{Environment.NewLine}{Shown()}");
    }

    /// <summary>Expects a push of an event, and that it is the one wanted if a condition is given.</summary>
    public Task<ChannelFrame> ExpectPushAsync(
        string eventName,
        Func<ChannelFrame, bool>? isWanted = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        ExpectAsync(
            frame => frame.Event == eventName && (isWanted is null || isWanted(frame)), $"the event {eventName}", timeout, cancellationToken);

    /// <summary>Takes the next frame, whatever it is, as clients do that read all there is.</summary>
    /// <returns>Null when the connection has ended and all that came has been taken.</returns>
    public Task<ChannelFrame?> NextAsync(CancellationToken cancellationToken = default) =>
        FindAsync(_ => true, System.Threading.Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Expects that no such push comes within the time, and that none is there.</summary>
    public async Task RefutePushAsync(
        string eventName,
        TimeSpan within,
        Func<ChannelFrame, bool>? isMeant = null,
        CancellationToken cancellationToken = default)
    {
        var frame = await FindAsync(
            frame => frame.Event == eventName && (isMeant is null || isMeant(frame)), within, cancellationToken);
        if (frame is not null)
        {
            throw new ChannelExpectationException($"Expected no event {eventName}, but there came {frame}.{Environment.NewLine}{Shown()}");
        }
    }

    /// <summary>Expects that the server closes the socket.</summary>
    /// <returns>The status; null when it ended without one.</returns>
    public async Task<WebSocketCloseStatus?> ExpectCloseAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        try
        {
            await _receiving.WaitAsync(timeout ?? Timeout, cancellationToken);
            return CloseStatus;
        }
        catch (TimeoutException)
        {
            throw new ChannelExpectationException($"Expected the server to close the socket, but it is open.{Environment.NewLine}{Shown()}");
        }
    }

    /// <summary>Closes the socket as a well-behaved client does.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken = default)
    {
        await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", cancellationToken);
        await _receiving.WaitAsync(Timeout, cancellationToken);
    }

    /// <summary>Cuts the connection without a word.</summary>
    public void Abort() => _socket.Abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
    }

    private async Task<ChannelFrame> ExpectAsync(
        Func<ChannelFrame, bool> isWanted, string what, TimeSpan? timeout, CancellationToken cancellationToken) =>
        await FindAsync(isWanted, timeout ?? Timeout, cancellationToken)
        ?? throw new ChannelExpectationException($"Expected {what}, but it did not come.{Environment.NewLine}{Shown()}");

    private Task<ChannelFrame?> FindAsync(Func<ChannelFrame, bool> isWanted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _inbox.FindAsync(isWanted, timeout, _receiving, cancellationToken);

    private async Task ReceiveAsync()
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            while (true)
            {
                var result = await _socket.ReceiveAsync(buffer.GetMemory(4096), _ended.Token);
                buffer.Advance(result.Count);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    return;
                }

                if (result.EndOfMessage)
                {
                    Keep(_codec.Decode(buffer.WrittenSpan.ToArray()));
                    buffer.ResetWrittenCount();
                }
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Expectations that are waiting fail with the frames; this says what ended them.
            _error = e.Message;
        }
    }

    private void Keep(PhoenixFrame frame) => _inbox.Keep(new ChannelFrame(
        frame.JoinRef, frame.Ref, frame.Topic, frame.Event, JsonSerializer.Deserialize<JsonElement>(frame.Payload.Span), frame.Payload));

    private string Shown() =>
        $"The last frames received:{Environment.NewLine}  {_inbox.Shown()}{Environment.NewLine}"
        + $"The socket is {_socket.State}, closed with {CloseStatus?.ToString() ?? "nothing"} \"{CloseReason}\". {_error}";
}
