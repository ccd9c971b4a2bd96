using Levee.Gateway.Phoenix.Serializers;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// What a channel may do to its client. Every member may be used from any thread; nothing here blocks, and after the
/// channel has ended everything is a no-op that returns false.
/// </summary>
public sealed class ChannelContext
{
    private readonly PhoenixSocket _socket;
    private readonly ChannelSlot _slot;

    internal ChannelContext(PhoenixSocket socket, ChannelSlot slot)
    {
        _socket = socket;
        _slot = slot;
    }

    /// <summary>A number that is unique among the sockets of this process, for logs.</summary>
    public long SocketId => _socket.Id;

    /// <summary>The topic that was joined.</summary>
    public string Topic => _slot.Topic;

    /// <summary>The join's ref, which pushes and replies carry; null for old clients.</summary>
    public string? JoinRef => _slot.JoinRef;

    /// <summary>The socket's serializer: the key under which to keep frames for <see cref="PushShared"/>.</summary>
    public IPhoenixSerializer Serializer => _socket.Serializer;

    /// <summary>Cancelled as soon as the channel ends, before <see cref="PhoenixChannel.LeaveAsync"/> is called.</summary>
    public CancellationToken Aborted => _slot.Aborted;

    /// <summary>How many bytes wait to be sent on this socket, for all of its channels together.</summary>
    public long QueuedBytes => _socket.Outbox.QueuedBytes;

    /// <summary>Sends an event to this client.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="payloadJson">One JSON value in UTF-8, trusted to be valid.</param>
    /// <returns>False if the channel has ended or this frame was one too many for a slow client.</returns>
    public bool Push(string eventName, ReadOnlySpan<byte> payloadJson) =>
        _slot.IsOpen && _slot.Send(Serializer.EncodePush(Topic, eventName, payloadJson, JoinRef));

    /// <summary>
    /// Sends a frame encoded by <see cref="Serializer"/> for this topic without a join_ref. The bytes are shared and must never change.
    /// </summary>
    /// <returns>As of <see cref="Push"/>.</returns>
    public bool PushShared(ReadOnlyMemory<byte> frame) => _slot.Send(frame);

    /// <summary>Answers a push. A null <paramref name="reference"/> asked for no answer and gets none.</summary>
    /// <param name="reference">The ref that came with the event.</param>
    /// <param name="status">Whether the push was done.</param>
    /// <param name="responseJson">One JSON value in UTF-8, trusted to be valid; empty stands for <c>{}</c>.</param>
    /// <returns>As of <see cref="Push"/>.</returns>
    public bool Reply(string? reference, ReplyStatus status, ReadOnlySpan<byte> responseJson = default) =>
        reference is not null && _slot.IsOpen
        && _slot.Send(Serializer.EncodeReply(Topic, JoinRef, reference, status, responseJson));

    /// <summary>
    /// For those who send much at once and can wait: the socket's turn to do so, once less than half of the outbox is taken. Events
    /// that cannot wait are still pushed meanwhile. Dispose it when what was to be sent is pushed.
    /// </summary>
    /// <returns>Null if the socket is closing, and sending is of no use any more.</returns>
    public ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellationToken) =>
        _socket.Outbox.TakeTurnAsync(cancellationToken);

    /// <summary>Ends the channel for good: <c>phx_close</c>, after which a Phoenix client does not rejoin.</summary>
    /// <param name="reason">Why, for the log; must not hold contents or secrets.</param>
    public void Close(string reason) => _socket.EndFromChannel(_slot, ChannelCloseReason.ClosedByServer, reason);

    /// <summary>Ends the channel as broken: <c>phx_error</c>, after which a Phoenix client rejoins.</summary>
    /// <param name="reason">Why, for the log; must not hold contents or secrets.</param>
    public void Crash(string reason) => _socket.EndFromChannel(_slot, ChannelCloseReason.Crashed, reason);
}
