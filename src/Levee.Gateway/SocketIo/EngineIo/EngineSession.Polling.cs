using System.Net.WebSockets;
using System.Text.Unicode;
using Levee.Gateway.Sockets;
using Microsoft.AspNetCore.Http;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <content>The session over HTTP: a GET that waits for packets, a POST that brings some; one of each at a time.</content>
internal sealed partial class EngineSession
{
    // While the client probes a WebSocket its polls must come back, so that it can stop polling; but not at once, over and over.
    private static readonly TimeSpan PollWhileUpgrading = TimeSpan.FromMilliseconds(100);

    // The poll that another one would be too many beside, until the last byte of its answer goes out.
    private HttpContext? _poll;
    private CancellationTokenSource? _pollRelease;

    // The last poll that began; it completes when the answer is out.
    private TaskCompletionSource? _pollEnded;
    private bool _posting;
    private bool _closedByClient;

    /// <summary>Answers with the packets that wait, once there are some.</summary>
    /// <returns>What to answer instead; null when it is answered.</returns>
    internal async Task<EngineError?> PollAsync(HttpContext context)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (BeginPoll(context, ended) is { } error)
        {
            return error;
        }

        var isLast = false;
        try
        {
            var packets = await NextPacketsAsync(context.RequestAborted);
            if (packets.Count == 0)
            {
                // Alone in its body: clients take a close before the packets that stand before it.
                isLast = true;
                packets.Add(_closedByClient ? EnginePackets.NoopPacket : EnginePackets.ClosePacket);
            }

            // A client that has the answer may poll again at once, by another connection too.
            if (!await EngineBody.WriteAsync(context.Response, packets, () => FreePoll(context), context.RequestAborted))
            {
                isLast = true;
                BeginClose(SocketClose.ByPeer, drop: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client is gone, and with it what was taken for it: the session can not go on.
            isLast = true;
            BeginClose(SocketClose.ByPeer, drop: true);
        }
        finally
        {
            FreePoll(context);
            ended.TrySetResult();
            EndPoll(isLast);
        }

        return null;
    }

    /// <summary>Handles the packets of the body, and answers when they are handled: that is how a slow handler slows its client.</summary>
    /// <returns>As of <see cref="PollAsync"/>.</returns>
    internal async Task<EngineError?> PostAsync(HttpContext context)
    {
        if (BeginPost() is { } error)
        {
            return error;
        }

        var refusal = await HandlePostAsync(context);
        lock (_gate)
        {
            // Before the answer goes out: who has it may post again at once, by another connection too, or hang up.
            _posting = false;
        }

        if (refusal is null)
        {
            await EngineBody.AcceptAsync(context.Response);
        }

        return refusal;
    }

    private async Task<EngineError?> HandlePostAsync(HttpContext context)
    {
        using var gone = context.RequestAborted.UnsafeRegister(
            static session => ((EngineSession)session!).BeginClose(SocketClose.ByPeer, drop: true), this);
        try
        {
            return await HandleBodyAsync(context.Request);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            BeginClose(SocketClose.ByPeer, drop: true);
            return EngineError.BadRequest;
        }
    }

    private EngineError? BeginPoll(HttpContext context, TaskCompletionSource ended)
    {
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
            {
                return EngineError.UnknownSession;
            }

            if (_webSocket is not null)
            {
                return EngineError.BadRequest;
            }

            if (_poll is null)
            {
                _poll = context;
                _pollEnded = ended;
                _pollRelease = _probe is { HasProbed: true }
                    ? new CancellationTokenSource(PollWhileUpgrading, _time)
                    : new CancellationTokenSource();
                return null;
            }
        }

        BeginClose(EngineClose.Malformed("two polls at once"), drop: true);
        return EngineError.BadRequest;
    }

    private void FreePoll(HttpContext context)
    {
        lock (_gate)
        {
            if (_poll == context)
            {
                _poll = null;
                _pollRelease!.Dispose();
                _pollRelease = null;
            }
        }
    }

    private void EndPoll(bool isLast)
    {
        lock (_gate)
        {
            isLast &= _webSocket is null;
        }

        if (isLast)
        {
            End();
        }
        else
        {
            EndIfNobodyWaits();
        }
    }

    // As much as one body may hold; the rest waits for the next poll.
    private async ValueTask<List<ReadOnlyMemory<byte>>> NextPacketsAsync(CancellationToken gone)
    {
        var packets = new List<ReadOnlyMemory<byte>>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(gone, _pollRelease!.Token);
        try
        {
            if (await Outbox.DequeueAsync(stop.Token) is { } first)
            {
                packets.Add(first);
                var room = (long)_options.MaxPayload - first.Length;
                while (Outbox.TryDequeueMore(room - 1, out var next))
                {
                    packets.Add(next);
                    room -= next.Length + 1;
                }
            }
        }
        catch (OperationCanceledException) when (!gone.IsCancellationRequested)
        {
            packets.Add(EnginePackets.NoopPacket);
        }

        return packets;
    }

    private EngineError? BeginPost()
    {
        lock (_gate)
        {
            if (_ended.Task.IsCompleted)
            {
                return EngineError.UnknownSession;
            }

            if (_webSocket is not null)
            {
                return EngineError.BadRequest;
            }

            if (!_posting)
            {
                _posting = true;
                return null;
            }
        }

        BeginClose(EngineClose.Malformed("two posts at once"), drop: true);
        return EngineError.BadRequest;
    }

    private async ValueTask<EngineError?> HandleBodyAsync(HttpRequest request)
    {
        if (await EngineBody.ReadAsync(request, _options.MaxPayload) is not { } body)
        {
            return EngineError.TooLarge;
        }

        if (EngineBody.IsBinary(request) || !Utf8.IsValid(body))
        {
            BeginClose(EngineClose.Malformed("packets are text"), drop: true);
        }

        foreach (var packet in EngineBody.Split(body))
        {
            await ReceiveAsync(body.AsMemory(packet));
        }

        return IsClosing && (await _close.Task).Status == WebSocketCloseStatus.ProtocolError ? EngineError.BadRequest : null;
    }

    private void CloseByClient()
    {
        _closedByClient = true;
        BeginClose(SocketClose.ByPeer, drop: true);
        EndIfNobodyWaits();
    }

    // Those who are told nothing more need not be waited for; the others have a poll, or the close timeout, left.
    private void EndIfNobodyWaits()
    {
        lock (_gate)
        {
            if (!IsClosing || !(_dropped || _closedByClient) || _pollEnded is { Task.IsCompleted: false } || _webSocket is not null)
            {
                return;
            }
        }

        End();
    }

    private void ReleasePoll() => _ = _pollRelease?.CancelAsync();

    private void AbortPoll() => _poll?.Abort();
}
