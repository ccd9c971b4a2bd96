namespace Levee.Gateway.Sockets;

/// <summary>
/// The frames that wait to be sent on one socket, bounded in bytes and in number. Any thread may enqueue and never waits;
/// one reader, the socket's send loop, takes the frames in order. The frame that is being sent still counts.
/// </summary>
/// <param name="maxBytes">How many bytes may wait.</param>
/// <param name="maxFrames">How many frames may wait.</param>
public sealed class Outbox(long maxBytes, int maxFrames)
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _bulk = new(1);
    private readonly Queue<ReadOnlyMemory<byte>> _frames = new();
    private TaskCompletionSource? _readerWaits;
    private TaskCompletionSource? _sendersWait;
    private long _bytes;
    private int _inFlight;
    private bool _closed;

    /// <summary>How many bytes wait, the frame that is being sent included.</summary>
    public long QueuedBytes
    {
        get
        {
            lock (_gate)
            {
                return _bytes + _inFlight;
            }
        }
    }

    /// <summary>
    /// Takes the frame, or closes the outbox because it does not fit. A frame is always taken when nothing waits, however
    /// large: otherwise no reader, however fast, could receive it.
    /// </summary>
    /// <param name="frame">The frame; must not change until it is sent.</param>
    /// <param name="waitingBytes">How many bytes were waiting before.</param>
    public EnqueueOutcome TryEnqueue(ReadOnlyMemory<byte> frame, out long waitingBytes)
    {
        lock (_gate)
        {
            waitingBytes = _bytes + _inFlight;
            if (_closed)
            {
                return EnqueueOutcome.Closed;
            }

            if (waitingBytes > 0 && (waitingBytes + frame.Length > maxBytes || _frames.Count >= maxFrames))
            {
                CloseUnderGate(drop: true);
                return EnqueueOutcome.Overflowed;
            }

            _frames.Enqueue(frame);
            _bytes += frame.Length;
            Wake(ref _readerWaits);
            return EnqueueOutcome.Queued;
        }
    }

    /// <summary>Takes the frame, or closes because it does not fit and says so; never waits.</summary>
    /// <param name="frame">The frame; must not change until it is sent.</param>
    /// <param name="overflowed">Called once, by whoever sent the frame that was one too many, with the bytes that were waiting.</param>
    /// <returns>Whether the frame will be sent.</returns>
    public bool Send(ReadOnlyMemory<byte> frame, Action<long> overflowed)
    {
        var outcome = TryEnqueue(frame, out var waitingBytes);
        if (outcome == EnqueueOutcome.Overflowed)
        {
            overflowed(waitingBytes);
        }

        return outcome == EnqueueOutcome.Queued;
    }

    /// <summary>Takes nothing more. What waits is still sent, or dropped.</summary>
    public void Complete(bool drop)
    {
        lock (_gate)
        {
            CloseUnderGate(drop);
        }
    }

    /// <summary>
    /// The next frame, once there is one; null when the outbox is closed and empty. Asking for the next frame says that
    /// the last ones were sent.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting; a frame is never lost by it.</param>
    public async ValueTask<ReadOnlyMemory<byte>?> DequeueAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                _inFlight = 0;
                if (_frames.TryDequeue(out var frame))
                {
                    _bytes -= frame.Length;
                    _inFlight = frame.Length;
                    WakeSendersIfRoom();
                    return frame;
                }

                WakeSendersIfRoom();
                if (_closed)
                {
                    return null;
                }

                _readerWaits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _readerWaits.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One frame more to be sent together with that of <see cref="DequeueAsync"/>, if one waits that is not too large.</summary>
    /// <param name="maxBytes">How large it may be.</param>
    /// <param name="frame">The frame.</param>
    public bool TryDequeueMore(long maxBytes, out ReadOnlyMemory<byte> frame)
    {
        lock (_gate)
        {
            if (!_frames.TryPeek(out frame) || frame.Length > maxBytes)
            {
                return false;
            }

            _frames.Dequeue();
            _bytes -= frame.Length;
            _inFlight += frame.Length;
            WakeSendersIfRoom();
            return true;
        }
    }

    /// <summary>Waits until less than half of either bound is taken.</summary>
    /// <returns>False if the outbox is closed.</returns>
    public async ValueTask<bool> WaitForRoomAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task wait;
            lock (_gate)
            {
                if (_closed || HasRoom())
                {
                    return !_closed;
                }

                _sendersWait ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _sendersWait.Task;
            }

            await wait.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// The turn to send much: waits until no other sender has it and there is room. Without turns, all who waited would fill the room
    /// at once, and a client that reads as fast as it can would be cut. Dispose it to let the next one send.
    /// </summary>
    /// <returns>Null if the outbox is closed.</returns>
    public async ValueTask<IDisposable?> TakeTurnAsync(CancellationToken cancellationToken)
    {
        await _bulk.WaitAsync(cancellationToken).ConfigureAwait(false);
        var hasRoom = false;
        try
        {
            hasRoom = await WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
            return hasRoom ? new Turn(_bulk) : null;
        }
        finally
        {
            if (!hasRoom)
            {
                _bulk.Release();
            }
        }
    }

    private static void Wake(ref TaskCompletionSource? waiter)
    {
        // Continuations run elsewhere, so waking under the gate is safe.
        waiter?.TrySetResult();
        waiter = null;
    }

    private bool HasRoom() => _bytes + _inFlight <= maxBytes / 2 && _frames.Count <= maxFrames / 2;

    private void WakeSendersIfRoom()
    {
        if (_closed || HasRoom())
        {
            Wake(ref _sendersWait);
        }
    }

    private void CloseUnderGate(bool drop)
    {
        _closed = true;
        if (drop)
        {
            _frames.Clear();
            _bytes = 0;
        }

        Wake(ref _readerWaits);
        Wake(ref _sendersWait);
    }

    private sealed class Turn(SemaphoreSlim bulk) : IDisposable
    {
        public void Dispose() => bulk.Release();
    }
}
