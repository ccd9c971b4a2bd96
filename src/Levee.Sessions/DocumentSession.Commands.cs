using Levee.Protocol;

namespace Levee.Sessions;

/// <content>What each command does. All of it runs in the session's loop.</content>
public sealed partial class DocumentSession
{
    private void Handle(SessionCommand command)
    {
        switch (command)
        {
            case SessionCommand.Submit submit:
                Submit(submit.Connection, submit.Submission);
                // Its answer keeps the submission alive until the batch is durable: so long it counts.
                _batch.AfterCommit(() => Release(submit));
                break;
            case SessionCommand.SendSignals signals:
                SendSignals(signals.Connection, signals.Signals);
                Release(signals);
                break;
            case SessionCommand.UpdateReference update:
                UpdateReference(update.Connection, update.ReferenceSequenceNumber);
                break;
            case SessionCommand.Connect connect:
                Connect(connect.Connection, connect.LogEnd);
                break;
            case SessionCommand.Disconnect disconnect:
                Disconnect(disconnect.Connection);
                break;
            case SessionCommand.RequestOps request:
                RequestOps(request.Connection, request.After);
                break;
            case SessionCommand.CaughtUp caughtUp:
                GoLive(caughtUp);
                break;
            case SessionCommand.SummaryChecked summary:
                AnswerSummary(summary.Summary, summary.Verdict);
                break;
            case SessionCommand.ServiceSummaryWritten summary:
                TakeServiceSummary(summary);
                break;
            case SessionCommand.Fail fail:
                throw new InvalidOperationException("Work beside the session's loop failed.", fail.Cause);
            case SessionCommand.Stop:
                Stop();
                break;
            default:
                throw new InvalidOperationException($"No handler for {command.GetType().Name}.");
        }
    }

    /// <summary>Sequences the join of a write client. Either kind of client is told, and starts to receive, once that is durable.</summary>
    private void Connect(DocumentConnection connection, long? logEnd)
    {
        if (connection.HasLeft)
        {
            return;
        }

        if (connection.LastSeen > _state.SequenceNumber)
        {
            MeetOneAhead(connection, logEnd);
            return;
        }

        if (_connections.Count >= _services.Options.MaxConnectionsPerDocument)
        {
            Refuse(connection, ConnectRefusal.TooManyClients);
            return;
        }

        connection.ClientId = _services.NewClientId();
        _connections.Add(connection);
        _deadlines.Unload = null;
        _isUnloadDue = false;
        if (connection.Detail.Mode == ConnectionMode.Write)
        {
            _batch.Add(_state.Join(connection.ClientId, connection.Detail, connection.MaySummarize, _services.Now));
            _deadlines.SilentClients ??= _deadlines.In(_services.Options.IdleClientTimeout);
        }

        _batch.Admit(connection);
    }

    /// <summary>
    /// A client that has seen more than this session knows is wrong or, when the log goes further too, comes from another session that has taken
    /// the document over. Then this one stands down, or it would turn away for good who does not belong to it.
    /// </summary>
    private void MeetOneAhead(DocumentConnection connection, long? logEnd)
    {
        if (logEnd is null)
        {
            _services.Start(() => FindLogEndAsync(connection));
        }
        else if (logEnd <= _state.SequenceNumber)
        {
            Refuse(connection, ConnectRefusal.AheadOfDocument);
        }
        else
        {
            Refuse(connection, ConnectRefusal.SessionEnded);
            StandDown(logEnd.Value);
        }
    }

    /// <summary>The log has messages that are not of this session: another one has taken the document over.</summary>
    private void StandDown(long logEnd)
    {
        LogOvertaken(_services.Logger, Key, _state.SequenceNumber, logEnd);
        End(SessionEnd.Fenced);
    }

    private async Task FindLogEndAsync(DocumentConnection connection)
    {
        try
        {
            var record = await _services.Store.FindDocumentAsync(Key, CancellationToken.None);
            if (await PostAsync(new SessionCommand.Connect(connection, record?.LastSequenceNumber ?? 0)))
            {
                return;
            }
        }
        catch (Exception e)
        {
            await PostAsync(new SessionCommand.Fail(e));
        }

        connection.Client.OnRefused(ConnectRefusal.SessionEnded);
    }

    private void Refuse(DocumentConnection connection, ConnectRefusal refusal)
    {
        LogRefused(_services.Logger, Key, refusal);
        connection.Client.OnRefused(refusal);
    }

    /// <summary>Tells a client that it is connected. The join signal comes first, as stock Fluid clients expect.</summary>
    private void Admit(DocumentConnection connection)
    {
        if (connection.HasLeft)
        {
            return;
        }

        connection.IsAdmitted = true;
        SendToAudience(SignalBroadcast.Joined(connection.Member));
        connection.Client.OnConnected(new ConnectedDocument(
            connection.ClientId,
            _published,
            // Itself even when it was silent too long before its join was durable: stock clients insist on it.
            [.. _connections.Where(other => other == connection || IsPresent(other)).Select(other => other.Member)],
            _head));
        LogConnected(_services.Logger, Key, connection.ClientId, connection.Detail.Mode, _published);
        StartDelivery(connection);
    }

    /// <summary>A writer that was silent too long is still connected, but has left the quorum: nobody would hear of its going.</summary>
    private bool IsPresent(DocumentConnection connection) =>
        connection.IsAdmitted && (connection.Detail.Mode == ConnectionMode.Read || _state.HasClient(connection.ClientId));

    private void Disconnect(DocumentConnection connection)
    {
        connection.HasLeft = true;
        if (!_connections.Remove(connection))
        {
            return;
        }

        if (_state.TryLeave(connection.ClientId, _services.Now, out var leave))
        {
            _batch.Add(leave);
            ScheduleServiceSummary();
        }

        if (connection.IsAdmitted)
        {
            LogDisconnected(_services.Logger, Key, connection.ClientId);
            var left = connection.Member;
            _batch.AfterCommit(() => SendToAudience(SignalBroadcast.Left(left)));
        }

        if (_connections.Count == 0)
        {
            _deadlines.Unload = _deadlines.In(_services.Options.IdleUnloadTimeout);
        }
    }

    /// <summary>
    /// Sequences a submission's ops one after the other: nothing comes between the ops of a batch. Nor does the session cut one in two, for no stock
    /// client loads a log that has a batch's begin without its end: what is for the session to refuse, it refuses from the first op on. What else is
    /// refused further down is the sender's own doing: the numbers of its ops do not fit together, or it lacks a scope.
    /// </summary>
    private void Submit(DocumentConnection connection, Submission submission)
    {
        var now = _services.Now;
        var refusal = RefusalWithoutSummary();
        List<Nack>? nacks = null;
        foreach (var message in submission.Messages)
        {
            var outcome = _state.Ticket(connection.ClientId, message, now, refusal);
            switch (outcome.Kind)
            {
                case TicketKind.Sequenced:
                    _batch.Add(outcome.Message);
                    _hasNewOps = true;
                    break;
                case TicketKind.Nacked:
                    (nacks ??= []).Add(outcome.Nack!);
                    break;
                case TicketKind.Coalesced:
                    ScheduleNoOp();
                    break;
                case TicketKind.Duplicate:
                    break;
            }
        }

        if (nacks is not null)
        {
            LogNacked(_services.Logger, Key, connection.ClientId, nacks.Count, nacks[0].Content.Message);
        }

        _batch.AfterCommit(() => connection.Client.OnSubmitted(submission, nacks ?? (IReadOnlyList<Nack>)[]));
    }

    private void UpdateReference(DocumentConnection connection, long referenceSequenceNumber)
    {
        _state.UpdateReference(connection.ClientId, referenceSequenceNumber, _services.Now);
        ScheduleNoOp();
    }

    private void SendSignals(DocumentConnection connection, IReadOnlyList<Signal> signals)
    {
        if (!_connections.Contains(connection))
        {
            LogUnknownSignal(_services.Logger, Key, connection.ClientId);
            return;
        }

        foreach (var signal in signals)
        {
            SendToAudience(SignalBroadcast.FromClient(connection.ClientId, signal), signal.Target);
        }
    }

    private void SendToAudience(SignalBroadcast signal, SignalTarget? target = null)
    {
        foreach (var connection in _connections)
        {
            if (connection.IsAdmitted && target?.Includes(connection.ClientId) is null or true)
            {
                connection.Client.OnSignal(signal);
            }
        }
    }

    private void ScheduleNoOp()
    {
        if (_state.HasPendingNoOp)
        {
            _deadlines.NoOp ??= _deadlines.In(_services.Options.NoOpDelay);
        }
    }

    private void HandleDeadlines()
    {
        if (_deadlines.HasCome(_deadlines.NoOp))
        {
            _deadlines.NoOp = null;
            if (_state.SequencePendingNoOp(_services.Now, out var noOp))
            {
                _batch.Add(noOp);
            }
        }

        if (_deadlines.HasCome(_deadlines.SilentClients))
        {
            DismissSilentClients();
        }

        if (_deadlines.HasCome(_deadlines.ServiceSummary))
        {
            BeginServiceSummary();
        }

        if (_deadlines.HasCome(_deadlines.Unload))
        {
            _deadlines.Unload = null;
            _isUnloadDue = true;
        }
    }

    /// <summary>Silent clients leave the quorum. They stay connected, and receive; when they submit again they are nacked and reconnect.</summary>
    private void DismissSilentClients()
    {
        var timeout = _services.Options.IdleClientTimeout;
        var silentSince = _services.Now - (long)timeout.TotalMilliseconds;
        foreach (var clientId in _state.SilentSince(silentSince + 1))
        {
            if (_state.TryLeave(clientId, _services.Now, out var leave))
            {
                LogIdle(_services.Logger, Key, clientId);
                _batch.Add(leave);
            }
        }

        ScheduleServiceSummary();

        _deadlines.SilentClients = _state.Clients.Count == 0
            ? null
            : DateTimeOffset.FromUnixTimeMilliseconds(_state.Clients.Min(client => client.LastActive)) + timeout;
    }

    /// <summary>Ends the session once its time has come and nothing is under way. All that it waits for makes a turn of its own when it is done.</summary>
    private void UnloadIfIdle()
    {
        if (_isUnloadDue && _commit is null && _batch.IsEmpty && _checking is null && !IsServiceSummaryDue && !_mailbox.Reader.TryPeek(out _))
        {
            End(SessionEnd.Idle);
        }
    }

    /// <summary>Everybody leaves, so that the next start finds no ghosts.</summary>
    private void Stop()
    {
        foreach (var connection in _connections)
        {
            if (_state.TryLeave(connection.ClientId, _services.Now, out var leave))
            {
                _batch.Add(leave);
            }
        }

        End(SessionEnd.Stopped);
    }

    /// <summary>No more commands are taken; the loop ends when what was sequenced is durable.</summary>
    private void End(SessionEnd end)
    {
        _ending ??= end;
        _mailbox.Writer.TryComplete();
    }

    /// <summary>Tells every connection, and returns what nobody will handle any more.</summary>
    private List<SessionCommand> Close(SessionEnd end)
    {
        _mailbox.Writer.TryComplete();
        _mailboxBytes.Close();
        _deadlines.Dispose();
        LogEnded(_services.Logger, Key, end, _connections.Count);
        foreach (var connection in _connections)
        {
            if (connection.IsAdmitted)
            {
                connection.TellEnd(end);
            }
            else
            {
                connection.Client.OnRefused(end switch
                {
                    SessionEnd.Stopped => ConnectRefusal.Draining,
                    SessionEnd.StorageUnavailable => ConnectRefusal.StorageUnavailable,
                    _ => ConnectRefusal.SessionEnded,
                });
            }

            connection.HasLeft = true;
        }

        var left = new List<SessionCommand>();
        while (_mailbox.Reader.TryRead(out var command))
        {
            left.Add(command);
        }

        return left;
    }
}
