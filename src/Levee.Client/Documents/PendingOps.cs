using Levee.Protocol;

namespace Levee.Client;

/// <summary>
/// Sees to it that every submitted op is sequenced exactly once. An op that was sent on a connection that broke may have been sequenced
/// or not; only the stream tells. It is decided once the stream has shown the new connection's join and the old client's leave: after
/// its leave nothing more of the old client can come, so what was not seen by then is sent again, under the new client's id.
/// Not safe for threads: its document guards it with a lock.
/// </summary>
internal sealed class PendingOps(int maxNacks, int maxUnanswered = int.MaxValue)
{
    // No second try makes an op smaller.
    private const int TooLarge = 413;

    private readonly LinkedList<PendingBatch> _unsent = [];
    private readonly LinkedList<PendingBatch> _sent = [];
    private string? _sender;
    private bool _senderHasLeft;
    private string? _clientId;
    private bool _hasJoined;
    private bool _isReady;
    private bool _isNacked;
    private NackContent? _awaitsReply;
    private NackContent? _refusal;
    private long _lastClientSequenceNumber;
    private long _lastReferenceSequenceNumber;

    /// <summary>True when ops can be sent on the present connection.</summary>
    public bool IsReady => _isReady && !_isNacked;

    /// <summary>When the oldest submission was sent that the server has not answered; null when there is none.</summary>
    public long? OldestSentAt => _isReady ? _sent.First?.Value.SentAt : null;

    /// <summary>The RSN that the server last heard on this connection.</summary>
    public long LastReferenceSequenceNumber => _lastReferenceSequenceNumber;

    public void Add(PendingBatch batch) => _unsent.AddLast(batch);

    /// <summary>A connection begins.</summary>
    /// <param name="clientId">Its client id.</param>
    /// <param name="firstCheckpoint">
    /// Of the first connection, whose join the stream does not show: the document's SN, which is above the MSN that the client started from.
    /// </param>
    public void Connected(string clientId, long? firstCheckpoint)
    {
        _clientId = clientId;
        _isNacked = false;
        _awaitsReply = null;
        _refusal = null;
        _hasJoined = false;
        _lastReferenceSequenceNumber = 0;
        if (firstCheckpoint is { } checkpoint)
        {
            Start(checkpoint);
        }
    }

    /// <summary>The connection is over, and no answer to what was sent on it will come.</summary>
    public void Disconnected()
    {
        _clientId = null;
        _isReady = false;
        foreach (var batch in _sent)
        {
            // The next connection counts its pushes from the start: an answer to one of them says nothing about this one.
            batch.Ref = null;
        }
    }

    /// <summary>Looks at the next message of the stream; each must be shown once, in order.</summary>
    public void Observe(SequencedMessage message)
    {
        if (message.ClientId is not null)
        {
            if (message.ClientId == _sender)
            {
                Settle(message.Envelope.ClientSequenceNumber);
            }

            return;
        }

        if (message.Type == MessageType.Leave && SystemMessage.ReadLeave(message.Envelope) == _sender && _sender is not null)
        {
            _senderHasLeft = true;
            ResendWhenDecided();
        }
        else if (message.Type == MessageType.Join && SystemMessage.ReadJoin(message.Envelope)?.ClientId == _clientId && _clientId is not null)
        {
            // The server starts a new client's RSN at the MSN: an RSN below it would be nacked.
            _lastReferenceSequenceNumber = Math.Max(_lastReferenceSequenceNumber, message.MinimumSequenceNumber);
            _hasJoined = true;
            ResendWhenDecided();
        }
    }

    /// <summary>Takes the next submission to send and gives its ops their numbers.</summary>
    public bool TryTake(long now, out PendingBatch batch)
    {
        batch = _unsent.First?.Value!;
        if (!IsReady || batch is null || _sent.Count >= maxUnanswered)
        {
            return false;
        }

        _unsent.RemoveFirst();
        _sent.AddLast(batch);
        foreach (var op in batch.Ops)
        {
            op.ClientSequenceNumber = ++_lastClientSequenceNumber;
        }

        // What has been said is not unsaid: an RSN of a client never falls.
        _lastReferenceSequenceNumber = Math.Max(_lastReferenceSequenceNumber, batch.Processed);
        batch.ReferenceSequenceNumber = _lastReferenceSequenceNumber;
        batch.SentAt = now;
        return true;
    }

    /// <summary>Takes the RSN to tell the server without an op; false when it knows it already.</summary>
    public bool TryTakeReference(long processed)
    {
        if (!IsReady || processed <= _lastReferenceSequenceNumber)
        {
            return false;
        }

        _lastReferenceSequenceNumber = processed;
        return true;
    }

    /// <summary>Whether a push holds ops that are not known to be sequenced.</summary>
    public bool IsSent(string reference) => _sent.Any(batch => batch.Ref == reference);

    /// <summary>The server's answer that all ops of a push are durable.</summary>
    public void Acknowledge(string reference)
    {
        for (var node = _sent.First; node is not null; node = node.Next)
        {
            if (node.Value.Ref == reference)
            {
                Complete(node);
                return;
            }
        }
    }

    /// <summary>
    /// The server refused an op, so that this connection can submit no more. The first refusal of a connection counts against the
    /// submission that it names; what came after it is refused for that one's sake.
    /// </summary>
    /// <param name="clientSequenceNumber">The refused op; null when a whole push was refused, which the reply to it will name.</param>
    /// <param name="content">Why.</param>
    /// <returns>True when it is known whom the refusal concerns.</returns>
    public bool Nack(long? clientSequenceNumber, NackContent content)
    {
        if (_refusal is not null)
        {
            return true;
        }

        _isNacked = true;
        if (clientSequenceNumber is null)
        {
            _awaitsReply = content;
            return false;
        }

        _refusal = content;
        Blame(batch => batch.Ops.Exists(op => op.ClientSequenceNumber == clientSequenceNumber), content);
        return true;
    }

    /// <summary>The server answered a push with an error.</summary>
    public void Refuse(string reference, NackContent content)
    {
        _isNacked = true;
        if (_refusal is null)
        {
            _refusal = _awaitsReply ?? content;
            Blame(batch => batch.Ref == reference, _refusal);
        }
    }

    /// <summary>The document is over: nothing more will be sent.</summary>
    public void Fail(Func<Exception> reason)
    {
        foreach (var batch in _sent.Concat(_unsent))
        {
            batch.Completion.TrySetException(reason());
        }

        _sent.Clear();
        _unsent.Clear();
    }

    private void Blame(Func<PendingBatch, bool> isConcerned, NackContent content)
    {
        // A server that is throttling, stopping or failing does not say anything about the op.
        var batch = content.Code is 429 or >= 500 ? null : _sent.FirstOrDefault(isConcerned);
        if (batch is not null && (++batch.Nacks >= maxNacks || content.Code == TooLarge))
        {
            _sent.Remove(batch);
            batch.Completion.TrySetException(new LeveeRefusedException(content.Code, content.Type, content.Message));
        }
    }

    private void Settle(long clientSequenceNumber)
    {
        for (var node = _sent.First; node is not null; node = node.Next)
        {
            if (node.Value.Ops.RemoveAll(op => op.ClientSequenceNumber == clientSequenceNumber) > 0)
            {
                if (node.Value.Ops.Count == 0)
                {
                    Complete(node);
                }

                return;
            }
        }
    }

    private void Complete(LinkedListNode<PendingBatch> node)
    {
        _sent.Remove(node);
        node.Value.Completion.TrySetResult();
    }

    private void ResendWhenDecided()
    {
        if (_isReady || !_hasJoined || _clientId is null || (_sent.Count > 0 && !_senderHasLeft))
        {
            return;
        }

        while (_sent.Last is { } last)
        {
            _sent.RemoveLast();
            _unsent.AddFirst(last);
        }

        Start(_lastReferenceSequenceNumber);
    }

    private void Start(long referenceSequenceNumber)
    {
        _sender = _clientId;
        _senderHasLeft = false;
        _isReady = true;
        _lastClientSequenceNumber = 0;
        _lastReferenceSequenceNumber = Math.Max(_lastReferenceSequenceNumber, referenceSequenceNumber);
    }
}
