using Levee.Gateway.Sockets;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <content>
/// The session's WebSocket: from the start, or after an upgrade. While a WebSocket is probed the session goes on by polling; only when
/// the client says so, the last poll is answered and nothing is being handled, the outbox gets its new reader.
/// </content>
internal sealed partial class EngineSession
{
    private EngineWebSocket? _webSocket;
    private EngineWebSocket? _probe;
    private long _probeSince;

    // Whether _webSocket reads the outbox.
    private bool _attached;

    /// <summary>The session begins on a WebSocket, which reads the outbox.</summary>
    internal EngineWebSocket OpenWebSocket(AcceptedWebSocket accepted)
    {
        var webSocket = new EngineWebSocket(this, accepted, Outbox, isCarrier: true, _options, _time, _logger);
        _webSocket = webSocket;
        _attached = true;
        return webSocket;
    }

    /// <summary>A WebSocket that may take over. One that may not is closed with a reason as soon as it runs.</summary>
    internal EngineWebSocket ProbeWebSocket(AcceptedWebSocket accepted)
    {
        var probe = EngineWebSocket.CreateProbe(this, accepted, _options, _time, _logger);
        SocketClose? refusal;
        lock (_gate)
        {
            refusal = _webSocket is not null ? EngineClose.AlreadyUpgraded
                : _probe is not null ? EngineClose.AlreadyUpgrading
                : _ended.Task.IsCompleted || (IsClosing && _dropped) ? EngineClose.SessionEnded
                : null;
            if (refusal is null)
            {
                _probe = probe;
                _probeSince = _time.GetTimestamp();
            }
        }

        if (refusal is not null)
        {
            probe.Connection.BeginClose(refusal, drop: true);
        }

        return probe;
    }

    /// <summary>The probe was answered: polls come back from now on, so that the client can stop polling.</summary>
    internal void ExpectUpgrade(EngineWebSocket probe)
    {
        lock (_gate)
        {
            if (_probe == probe)
            {
                ReleasePoll();
            }
        }
    }

    /// <summary>Moves the session to the WebSocket that was probed.</summary>
    /// <returns>False if it is not the one, or there is nothing left to move.</returns>
    internal async ValueTask<bool> UpgradeAsync(EngineWebSocket probe)
    {
        // What came by POST is handled before what comes by the WebSocket.
        await _turn.WaitAsync();
        try
        {
            Task lastPoll;
            lock (_gate)
            {
                if (_probe != probe || _ended.Task.IsCompleted)
                {
                    return false;
                }

                _probe = null;
                _webSocket = probe;
                ReleasePoll();
                lastPoll = _pollEnded?.Task ?? Task.CompletedTask;
            }

            // What was taken for the last poll is with the client before what goes by the WebSocket.
            await lastPoll;
            Attach(probe);
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A WebSocket of this session has ended.</summary>
    internal void WebSocketEnded(EngineWebSocket webSocket)
    {
        Forget(webSocket);
        lock (_gate)
        {
            if (_webSocket != webSocket)
            {
                return;
            }
        }

        BeginClose(SocketClose.ByPeer, drop: true);
        End();
    }

    /// <summary>A probe came to nothing; the session goes on by polling.</summary>
    internal void Forget(EngineWebSocket probe)
    {
        lock (_gate)
        {
            if (_probe == probe)
            {
                _probe = null;
            }
        }
    }

    private void Attach(EngineWebSocket webSocket)
    {
        SocketClose? close = null;
        lock (_gate)
        {
            // A WebSocket that has died meanwhile ends the session when its loops have ended.
            _attached = webSocket.Connection.ContinueWith(Outbox);
            if (_attached && IsClosing)
            {
                close = _close.Task.Result;
            }
        }

        if (close is not null)
        {
            webSocket.Connection.BeginClose(close, _dropped);
        }
    }

    private void SweepProbe()
    {
        lock (_gate)
        {
            if (_probe is null || _time.GetElapsedTime(_probeSince) < _options.UpgradeTimeout)
            {
                return;
            }
        }

        CloseProbe(EngineClose.NoUpgrade);
    }

    private void CloseProbe(SocketClose close)
    {
        EngineWebSocket? probe;
        lock (_gate)
        {
            probe = _probe;
            _probe = null;
        }

        probe?.Connection.BeginClose(close, drop: true);
    }
}
