using Levee.Client.Phoenix;
using Levee.Protocol;

namespace Levee.Client;

/// <content>The life of connections: one loop that serves a connection until it ends, then makes the next.</content>
public sealed partial class LeveeDocument
{
    // A token that is refused is asked for once more: the provider may have had an old one at hand.
    private const int TokenAttempts = 2;

    private Task _running = Task.CompletedTask;
    private volatile DocumentLink? _link;
    private Exception? _closedBy;
    private TimeSpan _retryAfter;
    private int _failures;

    private async Task RunAsync(DocumentLink? link)
    {
        try
        {
            while (link is not null)
            {
                var since = _options.TimeProvider.GetTimestamp();
                await ServeAsync(link);
                if (_options.TimeProvider.GetElapsedTime(since) > _options.MaxReconnectDelay)
                {
                    _failures = 0;
                }

                link = await ReconnectAsync();
            }

            Close(null);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            Close(null);
        }
        catch (Exception e)
        {
            // The loop's one end that was not asked for: whoever waits, reads or submits is told.
            Close(e);
        }
    }

    /// <summary>Connects, and asks for another token if the first one is refused.</summary>
    private async Task<DocumentLink> OpenAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            timeout.CancelAfter(_options.ConnectTimeout);
            try
            {
                return await OpenOnceAsync(timeout.Token);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                throw new LeveeTransportException($"{_options.ServerUrl} did not answer within {_options.ConnectTimeout}.", e);
            }
            catch (LeveeRefusedException e) when (e.Code == 401 && _options.TokenProvider is not null && attempt < TokenAttempts)
            {
                // Once more, with the next token.
            }
        }
    }

    private async Task<DocumentLink> OpenOnceAsync(CancellationToken cancellationToken)
    {
        var token = await GetTokenAsync(cancellationToken);
        var topic = $"document:{_options.TenantId}:{DocumentId}";
        var link = await DocumentLink.OpenAsync(_options.ServerUrl, _codec, topic, OnFrame, OnReply, cancellationToken);
        try
        {
            _welcome = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            // A first connection starts at the document's present end; history is read from the server's deltas.
            long? lastSeen = Connection is null ? null : LastSequenceNumber;
            var request = Payloads.Connect(_options, DocumentId, token, _mode, lastSeen);
            (await link.PushAsync("connect_document", request, cancellationToken)).ThrowIfRefused();
            using var onEnd = link.Ended.Register(() => _welcome.TrySetException(link.EndedBy));
            await _welcome.Task.WaitAsync(cancellationToken);
            _link = link;
            SetState(LeveeConnectionState.Connected);
            return link;
        }
        catch
        {
            await link.DisposeAsync();
            Forget();
            throw;
        }
    }

    private async Task<string> GetTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _options.GetTokenAsync(DocumentId, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Providers ask servers of their own, which may be down for a while as ours may.
            throw new LeveeTransportException("The token provider failed.", e);
        }
    }

    private async Task<DocumentLink?> ReconnectAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            SetState(LeveeConnectionState.Reconnecting);
            await Task.Delay(NextDelay(), _options.TimeProvider, _stopping.Token);
            try
            {
                return await OpenAsync(_stopping.Token);
            }
            catch (LeveeException e) when (e is LeveeTransportException or LeveeRefusedException { IsTransient: true })
            {
                // Try again, after a longer wait each time.
            }
        }

        return null;
    }

    /// <summary>Doubles with each failure; half of it is chance, so that clients of a server that restarts do not come all at once.</summary>
    private TimeSpan NextDelay()
    {
        var doubled = _options.MinReconnectDelay * Math.Pow(2, Math.Min(_failures++, 30));
        var delay = doubled < _options.MaxReconnectDelay ? doubled : _options.MaxReconnectDelay;
        var chosen = delay * (0.5 + (Random.Shared.NextDouble() / 2));
        var wait = chosen > _retryAfter ? chosen : _retryAfter;
        _retryAfter = TimeSpan.Zero;
        return wait;
    }

    /// <summary>Keeps a connection going until it ends, or until the document is disposed, which leaves politely.</summary>
    private async Task ServeAsync(DocumentLink link)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(link.Ended, _stopping.Token);
        await Task.WhenAll(
            SubmitLoopAsync(link, stop.Token), HeartbeatLoopAsync(link, stop.Token), TellLoopAsync(link, stop.Token));
        if (!link.Ended.IsCancellationRequested)
        {
            await link.LeaveAsync(_options.CloseTimeout);
        }

        _link = null;
        RefuseTooLarge(link);
        Forget();
        await link.DisposeAsync();
        if (link.EndedBy is not LeveeTransportException)
        {
            throw link.EndedBy;
        }
    }

    /// <summary>A frame that is too large is so each time it is sent, and everything behind it would wait for ever.</summary>
    private void RefuseTooLarge(DocumentLink link)
    {
        if (link.TooLargeRef is { } reference)
        {
            lock (_gate)
            {
                _pending.Refuse(reference, NackContent.TooLarge("The submission is too large for one frame of the server"));
            }
        }
    }

    private void Forget()
    {
        lock (_gate)
        {
            _pending.Disconnected();
        }
    }

    private void SetState(LeveeConnectionState state)
    {
        lock (_gate)
        {
            if (State == state || State == LeveeConnectionState.Closed)
            {
                return;
            }

            State = state;
        }

        StateChanged?.Invoke(state);
    }

    private void Close(Exception? reason)
    {
        lock (_gate)
        {
            if (State == LeveeConnectionState.Closed)
            {
                return;
            }

            State = LeveeConnectionState.Closed;
            _closedBy = reason;
            _pending.Fail(ClosedBy);
        }

        WakeReaders();
        _signals.Writer.TryComplete(reason);
        if (reason is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(reason);
            // Those who never ask for it are not to be troubled by it at the finalizer.
            _ = _completion.Task.Exception;
        }

        StateChanged?.Invoke(LeveeConnectionState.Closed);
    }

    private Exception ClosedBy() => _closedBy ?? new ObjectDisposedException(nameof(LeveeDocument));
}
