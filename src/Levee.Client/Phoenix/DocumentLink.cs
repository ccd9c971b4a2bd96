using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;

namespace Levee.Client.Phoenix;

/// <summary>
/// One socket with one channel on it. A loop of its own receives until the socket ends; sending is safe from any thread. A link
/// that has ended stays so.
/// </summary>
internal sealed class DocumentLink : IAsyncDisposable
{
    // Far above what a server sends in one frame; a server that sends more is broken.
    private const int MaxMessageBytes = 64 << 20;
    private const string JoinRef = "1";

    private static readonly ReadOnlyMemory<byte> Empty = "{}"u8.ToArray();

    private readonly ClientWebSocket _socket = new();
    private readonly IFrameCodec _codec;
    private readonly string _topic;
    private readonly Action<PhoenixFrame> _onFrame;
    private readonly Action<string, PhoenixReply> _onReply;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<PhoenixReply>> _replies = [];
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _ended = new();
    private Exception? _endedBy;
    private long _lastRef = 1;
    private int _largestFrameBytes;
    private string? _largestFrameRef;

    private DocumentLink(IFrameCodec codec, string topic, Action<PhoenixFrame> onFrame, Action<string, PhoenixReply> onReply)
    {
        _codec = codec;
        _topic = topic;
        _onFrame = onFrame;
        _onReply = onReply;
    }

    /// <summary>Completes when nothing more will be received; the link's end is told by <see cref="EndedBy"/>.</summary>
    public Task Receiving { get; private set; } = Task.CompletedTask;

    /// <summary>Cancelled when the link ends.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Why it ended.</summary>
    public Exception EndedBy => _endedBy ?? new LeveeTransportException("The connection was closed.");

    /// <summary>
    /// The ref of a push that the server did not take because its frame is too large; null when the link did not end for that.
    /// The server closes with 1009 at the first such frame without naming it; the largest that was sent is one for certain.
    /// </summary>
    public string? TooLargeRef => _socket.CloseStatus == WebSocketCloseStatus.MessageTooBig ? _largestFrameRef : null;

    /// <summary>Opens the socket and joins the topic.</summary>
    /// <param name="server">The server's address; the socket is at <c>/socket/websocket</c> below it.</param>
    /// <param name="codec">How frames are written.</param>
    /// <param name="topic">The channel.</param>
    /// <param name="onFrame">Called for each push, one after the other.</param>
    /// <param name="onReply">Called, among them, for each reply that no <see cref="PushAsync"/> waits for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DocumentLink> OpenAsync(
        Uri server,
        IFrameCodec codec,
        string topic,
        Action<PhoenixFrame> onFrame,
        Action<string, PhoenixReply> onReply,
        CancellationToken cancellationToken)
    {
        var link = new DocumentLink(codec, topic, onFrame, onReply);
        try
        {
            await link._socket.ConnectAsync(SocketAddress(server, codec), cancellationToken);
            link.Receiving = link.ReceiveAsync();
            (await link.PushAsync("phx_join", Empty, cancellationToken, JoinRef)).ThrowIfRefused();
            return link;
        }
        catch (WebSocketException e)
        {
            await link.DisposeAsync();
            throw new LeveeTransportException($"{server} could not be connected to.", e);
        }
        catch
        {
            await link.DisposeAsync();
            throw;
        }
    }

    public string NextRef() => Interlocked.Increment(ref _lastRef).ToString(CultureInfo.InvariantCulture);

    /// <summary>Sends a push. Once it is being written only the link's end stops it: half a frame would end the socket.</summary>
    public Task SendAsync(string eventName, ReadOnlyMemory<byte> payload, string reference, CancellationToken cancellationToken) =>
        SendAsync(new PhoenixFrame(JoinRef, reference, _topic, eventName, payload), cancellationToken);

    /// <summary>Tells the server that this client lives, and waits for its answer.</summary>
    public Task HeartbeatAsync(CancellationToken cancellationToken) => AskAsync(
        reference => new PhoenixFrame(null, reference, "phoenix", "heartbeat", Empty), NextRef(), cancellationToken);

    /// <summary>Sends a push and waits for the reply.</summary>
    public Task<PhoenixReply> PushAsync(
        string eventName, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken, string? reference = null) => AskAsync(
        chosen => new PhoenixFrame(JoinRef, chosen, _topic, eventName, payload), reference ?? NextRef(), cancellationToken);

    /// <summary>Ends the link; the first reason counts.</summary>
    public void End(Exception reason)
    {
        Interlocked.CompareExchange(ref _endedBy, reason, null);
        _ended.Cancel();
        foreach (var reply in _replies.Values)
        {
            reply.TrySetException(_endedBy);
        }
    }

    /// <summary>Leaves the channel and closes the socket; whoever does not answer in time is left.</summary>
    public async Task LeaveAsync(TimeSpan timeout)
    {
        using var patience = new CancellationTokenSource(timeout);
        try
        {
            await PushAsync("phx_leave", Empty, patience.Token);
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "bye", patience.Token);
            await Receiving.WaitAsync(patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException or LeveeTransportException or InvalidOperationException)
        {
            // The connection is gone already, or the server is too busy to say goodbye: it takes a closed socket for a leave.
            End(new LeveeTransportException("The connection was closed.", e));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End(new LeveeTransportException("The connection was closed."));
        _socket.Abort();
        await Receiving;
        _socket.Dispose();
    }

    private static Uri SocketAddress(Uri server, IFrameCodec codec)
    {
        var builder = new UriBuilder(server)
        {
            Scheme = server.Scheme == Uri.UriSchemeHttps ? Uri.UriSchemeWss : Uri.UriSchemeWs,
            Query = $"vsn={codec.Version}",
        };
        builder.Path = $"{builder.Path.TrimEnd('/')}/socket/websocket";
        return builder.Uri;
    }

    private async Task<PhoenixReply> AskAsync(Func<string, PhoenixFrame> frame, string reference, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<PhoenixReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _replies[reference] = reply;
        try
        {
            await SendAsync(frame(reference), cancellationToken);
            if (_ended.IsCancellationRequested)
            {
                throw EndedBy;
            }

            return await reply.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _replies.TryRemove(reference, out _);
        }
    }

    private async Task SendAsync(PhoenixFrame frame, CancellationToken cancellationToken)
    {
        var bytes = _codec.Encode(frame);
        await _sending.WaitAsync(cancellationToken);
        try
        {
            if (bytes.Length > _largestFrameBytes)
            {
                (_largestFrameBytes, _largestFrameRef) = (bytes.Length, frame.Ref);
            }

            await _socket.SendAsync(bytes, _codec.MessageType, endOfMessage: true, _ended.Token);
        }
        catch (Exception e) when (
            e is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            End(new LeveeTransportException("The connection broke while sending.", e));
            throw EndedBy;
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            var buffer = new ArrayBufferWriter<byte>(16 * 1024);
            while (await ReceiveMessageAsync(buffer))
            {
                // Replies and messages live longer than the buffer.
                Dispatch(_codec.Decode(buffer.WrittenSpan.ToArray()));
                buffer.ResetWrittenCount();
            }

            End(new LeveeTransportException(
                $"The server closed the connection: {(int?)_socket.CloseStatus} {_socket.CloseStatusDescription}"));
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            End(new LeveeTransportException("The connection broke.", e));
        }
        catch (Exception e)
        {
            // What the document makes of a frame decides what this means for it; the receiver's work is over.
            End(e);
        }
    }

    private async Task<bool> ReceiveMessageAsync(ArrayBufferWriter<byte> buffer)
    {
        ValueWebSocketReceiveResult result;
        do
        {
            if (buffer.WrittenCount > MaxMessageBytes)
            {
                throw new LeveeTransportException($"The server sent a frame of more than {MaxMessageBytes} bytes.");
            }

            result = await _socket.ReceiveAsync(buffer.GetMemory(16 * 1024), _ended.Token);
            buffer.Advance(result.Count);
        }
        while (!result.EndOfMessage);
        return result.MessageType != WebSocketMessageType.Close;
    }

    private void Dispatch(PhoenixFrame frame)
    {
        if (frame.Event == "phx_reply" && frame.Ref is { } reference)
        {
            var reply = PhoenixReply.Read(frame.Payload);
            if (_replies.TryGetValue(reference, out var waiting))
            {
                waiting.TrySetResult(reply);
            }
            else
            {
                _onReply(reference, reply);
            }
        }
        else if (frame.Topic == _topic && frame.Event is ("phx_error" or "phx_close"))
        {
            throw new LeveeTransportException($"The server ended the channel ({frame.Event}).");
        }
        else if (frame.Topic == _topic)
        {
            _onFrame(frame);
        }
    }
}
