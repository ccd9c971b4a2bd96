namespace Levee.Gateway.Phoenix;

/// <summary>
/// A topic as joined once on a socket: the channel, the turn that its methods take one at a time, and its one end. Whoever
/// wins <see cref="TryBeginEnd"/> must call <see cref="EndAsync"/>.
/// </summary>
internal sealed class ChannelSlot(PhoenixSocket socket, string topic, string? joinRef)
{
    private readonly Lock _sendGate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _aborted = new();
    private PhoenixChannel? _channel;
    private bool _leaveIsDue;
    private bool _open = true;
    private int _ending;

    internal string Topic { get; } = topic;

    internal string? JoinRef { get; } = joinRef;

    internal CancellationToken Aborted => _aborted.Token;

    internal bool IsOpen => Volatile.Read(ref _open);

    internal bool IsEnding => Volatile.Read(ref _ending) != 0;

    /// <summary>The name of the channel's class, for logs.</summary>
    internal string ChannelType => _channel?.GetType().Name ?? "none";

    /// <summary>A message belongs to this join unless it names another one; old clients name none.</summary>
    internal bool IsMember(string? joinRefOfMessage) =>
        JoinRef is null || joinRefOfMessage is null || JoinRef == joinRefOfMessage;

    /// <summary>Sends unless the slot is shut: nothing follows the <c>phx_close</c> or <c>phx_error</c> of a join.</summary>
    internal bool Send(ReadOnlyMemory<byte> frame)
    {
        lock (_sendGate)
        {
            return _open && socket.Send(frame);
        }
    }

    /// <summary>Lets nothing more out, after one last frame.</summary>
    internal void Shut(ReadOnlyMemory<byte> lastFrame = default)
    {
        lock (_sendGate)
        {
            if (_open && !lastFrame.IsEmpty)
            {
                socket.Send(lastFrame);
            }

            Volatile.Write(ref _open, false);
        }
    }

    /// <summary>True for the first of all who want to end this channel, and for nobody after.</summary>
    internal bool TryBeginEnd() => Interlocked.Exchange(ref _ending, 1) == 0;

    /// <summary>Makes the channel and joins it; a refused channel is not told of its end.</summary>
    internal async ValueTask<JoinResult> JoinAsync(Func<ChannelContext, PhoenixChannel> create, ReadOnlyMemory<byte> payload)
    {
        await _turn.WaitAsync();
        try
        {
            _channel = create(new ChannelContext(socket, this));
            _leaveIsDue = true;
            var result = await _channel.JoinAsync(payload, Aborted);
            _leaveIsDue = result.Status == ReplyStatus.Ok;
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the channel one event, unless it is ending.</summary>
    internal async ValueTask HandleAsync(PhoenixFrame frame)
    {
        await _turn.WaitAsync();
        try
        {
            if (!IsEnding)
            {
                await _channel!.HandleAsync(frame.Event, frame.Ref, frame.Payload, Aborted);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Cancels what the channel does, waits for it, and tells it that it has ended.</summary>
    internal async ValueTask EndAsync(ChannelCloseReason reason)
    {
        await _aborted.CancelAsync();
        await _turn.WaitAsync();
        try
        {
            if (_leaveIsDue)
            {
                _leaveIsDue = false;
                await _channel!.LeaveAsync(reason);
            }
        }
        finally
        {
            _turn.Release();
        }
    }
}
