using Levee.Protocol;

namespace Levee.Client;

/// <content>What has been received, and who has read how much of it. Guarded by the document's lock.</content>
public sealed partial class LeveeDocument
{
    private readonly HashSet<string> _ownClientIds = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _readers;
    private long _received;
    private long _receivedWorthTelling;
    private long _delivered;
    private long _deliveredWorthTelling;

    /// <summary>The last SN that the application has seen. One that does not read has no opinion that an op could conflict with.</summary>
    private long ProcessedSequenceNumber => _readers > 0 ? _delivered : _received;

    /// <summary>
    /// As far as it is worth a no-op to tell the server: were no-ops themselves answered by no-ops, two idle clients would never be quiet.
    /// </summary>
    private long ProcessedWorthTelling => _readers > 0 ? _deliveredWorthTelling : _receivedWorthTelling;

    /// <summary>The next messages after <paramref name="position"/>; null when there will be none any more.</summary>
    private async ValueTask<IReadOnlyList<SequencedMessage>?> NextMessagesAsync(long position, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task change;
            long received;
            lock (_gate)
            {
                if (_recent.TryGet(position + 1, out var next))
                {
                    return [next];
                }

                if (State == LeveeConnectionState.Closed)
                {
                    return _closedBy is null ? null : throw _closedBy;
                }

                change = _changed.Task;
                received = _received;
            }

            if (position >= received)
            {
                await change.WaitAsync(cancellationToken);
            }
            else if (await ReadHistoryAsync(position, received, cancellationToken) is { } history)
            {
                return history;
            }
        }
    }

    /// <summary>Reads what is no longer kept here. Null when the server could not be reached: its restart is no reason to end a reader.</summary>
    private async Task<IReadOnlyList<SequencedMessage>?> ReadHistoryAsync(long after, long through, CancellationToken cancellationToken)
    {
        try
        {
            var page = await _requests.ReadDeltasAsync(DocumentId, after, through, cancellationToken);
            if (page.Count == 0)
            {
                throw new LeveeRefusedException(404, "history_missing", $"The server no longer has the messages after {after}");
            }

            foreach (var message in page)
            {
                MarkOwn(message);
            }

            return page;
        }
        catch (LeveeException e) when (e is LeveeTransportException or LeveeRefusedException { IsTransient: true })
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            await Task.Delay(_options.MinReconnectDelay, _options.TimeProvider, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        }
    }

    private void Deliver(SequencedMessage message)
    {
        lock (_gate)
        {
            _delivered = Math.Max(_delivered, message.SequenceNumber);
            if (message.Type != MessageType.NoOp)
            {
                _deliveredWorthTelling = Math.Max(_deliveredWorthTelling, message.SequenceNumber);
            }
        }
    }

    /// <summary>Takes a message from the connection. True when it is the next one; false when it was here before or there is a hole.</summary>
    private bool Receive(SequencedMessage message)
    {
        if (message.SequenceNumber != _received + 1)
        {
            return false;
        }

        _received = message.SequenceNumber;
        if (message.Type != MessageType.NoOp)
        {
            _receivedWorthTelling = _received;
        }

        message.IsOwn = IsOwn(message);
        _recent.Add(message);
        _pending.Observe(message);
        Audience.Received(message);
        return true;
    }

    private void MarkOwn(SequencedMessage message)
    {
        lock (_gate)
        {
            message.IsOwn = IsOwn(message);
        }
    }

    private bool IsOwn(SequencedMessage message) => message.ClientId is { } clientId && _ownClientIds.Contains(clientId);

    private void WakeReaders()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }
}
