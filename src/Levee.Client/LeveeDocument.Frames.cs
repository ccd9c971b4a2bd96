using System.Threading.Channels;
using Levee.Client.Phoenix;
using Levee.Protocol;

namespace Levee.Client;

/// <content>What comes from the server and what goes to it. Frames are handled by the connection's receive loop, one after the other.</content>
public sealed partial class LeveeDocument
{
    private readonly Channel<bool> _work =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private TaskCompletionSource _welcome = new();
    private long? _holeAfter;
    private volatile bool _askForMissing;

    private void OnFrame(PhoenixFrame frame)
    {
        switch (frame.Event)
        {
            case "op":
                OnOps(Messages.ReadMember(frame.Payload, "op"u8));
                break;
            case "signal":
                OnSignal(Payloads.ReadSignal(frame.Payload));
                break;
            case "nack":
                OnNack(Payloads.ReadNacks(frame.Payload));
                break;
            case "connect_document_success":
                OnConnected(LeveeConnectionInfo.Read(frame.Payload));
                break;
            default:
                // summaryAck and summaryNack are in the op stream too, and connect_document_error is a reply too.
                break;
        }
    }

    private void OnConnected(LeveeConnectionInfo info)
    {
        var clients = info.ReadClients();
        lock (_gate)
        {
            var isFirst = Connection is null;
            if (isFirst)
            {
                StartSequenceNumber = _received = info.CheckpointSequenceNumber;
            }

            Connection = info;
            Audience.Connected(info.ClientId, info.CheckpointSequenceNumber, clients);
            _holeAfter = null;
            _askForMissing = false;
            _ownClientIds.Add(info.ClientId);
            _pending.Connected(info.ClientId, isFirst ? info.CheckpointSequenceNumber : null);
        }

        Audience.Tell();
        _welcome.TrySetResult();
        _work.Writer.TryWrite(true);
    }

    /// <summary>Signals of those who come and go are the audience's and not the application's, as in every Fluid client.</summary>
    private void OnSignal(LeveeSignal signal)
    {
        if (Audience.TryReceive(signal))
        {
            Audience.Tell();
        }
        else
        {
            _signals.Writer.TryWrite(signal);
        }
    }

    private void OnOps(List<SequencedMessage> messages)
    {
        lock (_gate)
        {
            foreach (var message in messages)
            {
                if (Receive(message))
                {
                    _holeAfter = null;
                }
                else if (message.SequenceNumber > _received + 1)
                {
                    // What follows comes again with what is missing, so it need not be kept.
                    _askForMissing |= _holeAfter is null;
                    _holeAfter ??= _received;
                    break;
                }
            }
        }

        WakeReaders();
        _work.Writer.TryWrite(true);
        Audience.Tell();
    }

    private void OnReply(string reference, PhoenixReply reply)
    {
        lock (_gate)
        {
            if (reply.IsOk)
            {
                _pending.Acknowledge(reference);
                _work.Writer.TryWrite(true);
                return;
            }

            if (!_pending.IsSent(reference))
            {
                // The answer to a signal or a no-op, which are not repeated.
                return;
            }

            _pending.Refuse(reference, new NackContent(reply.Code, reply.Reason, reply.Message));
        }

        throw new LeveeTransportException($"The server refused an op ({reply.Code} {reply.Reason}).");
    }

    private void OnNack(IReadOnlyList<RefusedOp> nacks)
    {
        foreach (var nack in nacks)
        {
            Nacked?.Invoke(nack.Content);
        }

        if (nacks.Count == 0)
        {
            return;
        }

        var first = nacks[0];
        if (first.Content.Type == NackErrorType.InvalidScope)
        {
            throw new LeveeRefusedException(first.Content.Code, first.Content.Type, first.Content.Message);
        }

        if (first.Content.RetryAfter is { } seconds)
        {
            _retryAfter = TimeSpan.FromSeconds(seconds);
        }

        bool isKnown;
        lock (_gate)
        {
            isKnown = _pending.Nack(first.ClientSequenceNumber, first.Content);
        }

        if (isKnown)
        {
            // Fluid's rule: after a nack a client connects anew, under a new id, and sends again.
            throw new LeveeTransportException($"The server refused an op ({first.Content.Code} {first.Content.Type}).");
        }
    }

    /// <summary>Sends submissions as they come; alone in this, so that they go out in the order of their numbers.</summary>
    private async Task SubmitLoopAsync(DocumentLink link, CancellationToken cancellationToken)
    {
        try
        {
            do
            {
                if (_askForMissing)
                {
                    _askForMissing = false;
                    await link.SendAsync("requestOps", Payloads.RequestOps(LastSequenceNumber), link.NextRef(), cancellationToken);
                }

                while (TakeSubmission(link, out var payload, out var reference))
                {
                    await link.SendAsync("submitOp", payload, reference, cancellationToken);
                }
            }
            while (await _work.Reader.ReadAsync(cancellationToken));
        }
        catch (Exception e) when (e is OperationCanceledException or LeveeTransportException)
        {
            // The link has ended, and says why itself.
        }
    }

    private bool TakeSubmission(DocumentLink link, out byte[] payload, out string reference)
    {
        lock (_gate)
        {
            payload = [];
            reference = "";
            if (!_pending.TryTake(_options.TimeProvider.GetTimestamp(), out var batch))
            {
                return false;
            }

            batch.Ref = reference = link.NextRef();
            payload = Payloads.Submit(Connection.ClientId, batch);
            return true;
        }
    }

    private async Task HeartbeatLoopAsync(DocumentLink link, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.HeartbeatInterval, _options.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                await link.HeartbeatAsync(cancellationToken).WaitAsync(_options.ReplyTimeout, _options.TimeProvider, cancellationToken);
            }
        }
        catch (TimeoutException e)
        {
            link.End(new LeveeTransportException($"The server did not answer a heartbeat within {_options.ReplyTimeout}.", e));
        }
        catch (Exception e) when (e is OperationCanceledException or LeveeTransportException)
        {
            // The link has ended, and says why itself.
        }
    }

    /// <summary>Tells the server how far this client has read, and looks for answers that do not come.</summary>
    private async Task TellLoopAsync(DocumentLink link, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_options.NoOpInterval, _options.TimeProvider);
        long? holeBefore = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                long? reference = null;
                var hole = holeBefore;
                lock (_gate)
                {
                    RequireAnswers();
                    holeBefore = _holeAfter;
                    if (_mode == ConnectionMode.Write && _pending.TryTakeReference(ProcessedWorthTelling))
                    {
                        reference = _pending.LastReferenceSequenceNumber;
                    }
                }

                if (hole is not null && hole == holeBefore)
                {
                    throw new LeveeTransportException($"The server did not send the messages after {hole}.");
                }

                if (reference is { } number)
                {
                    await link.SendAsync("noop", Payloads.NoOp(Connection.ClientId, number), link.NextRef(), cancellationToken);
                }
            }
        }
        catch (LeveeTransportException e)
        {
            link.End(e);
        }
        catch (OperationCanceledException)
        {
            // The link has ended, and says why itself.
        }
    }

    private void RequireAnswers()
    {
        if (_pending.OldestSentAt is { } sentAt && _options.TimeProvider.GetElapsedTime(sentAt) > _options.ReplyTimeout)
        {
            throw new LeveeTransportException($"The server did not answer a submission within {_options.ReplyTimeout}.");
        }
    }
}
