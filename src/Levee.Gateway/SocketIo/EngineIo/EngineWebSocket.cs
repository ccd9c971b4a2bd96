using System.Net.WebSockets;
using Levee.Gateway.Sockets;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>A session's WebSocket: one packet a text message. It carries the session from its start, or probes whether it can.</summary>
internal sealed class EngineWebSocket : IWebSocketOwner
{
    // A probe is answered by a handful of bytes; whoever probes on and on without reading is cut.
    private const int ProbeOutboxBytes = 1024;
    private const int ProbeOutboxFrames = 16;

    private readonly EngineSession _session;
    private volatile bool _isCarrier;
    private volatile bool _hasProbed;

    internal EngineWebSocket(
        EngineSession session,
        AcceptedWebSocket accepted,
        Outbox outbox,
        bool isCarrier,
        SocketIoOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _session = session;
        _isCarrier = isCarrier;
        var limits = new WebSocketLimits(
            options.MaxPayload, WebSocketMessageType.Text, "packets are text, binary ones are not taken", options.CloseTimeout);
        Connection = new WebSocketConnection(session.Id, accepted, this, outbox, limits, time, logger);
    }

    internal WebSocketConnection Connection { get; }

    /// <summary>Whether the client knows that it may upgrade.</summary>
    internal bool HasProbed => _hasProbed;

    internal static EngineWebSocket CreateProbe(
        EngineSession session, AcceptedWebSocket accepted, SocketIoOptions options, TimeProvider time, ILogger logger) =>
        new(session, accepted, new Outbox(ProbeOutboxBytes, ProbeOutboxFrames), isCarrier: false, options, time, logger);

    /// <summary>Serves the WebSocket until it has ended; never throws.</summary>
    internal async Task RunAsync()
    {
        await Connection.RunAsync();
        _session.WebSocketEnded(this);
    }

    /// <inheritdoc/>
    ValueTask IWebSocketOwner.ReceiveAsync(byte[] message) =>
        _isCarrier ? _session.ReceiveAsync(message) : ReceiveProbeAsync(message);

    /// <inheritdoc/>
    void IWebSocketOwner.Closing(SocketClose close)
    {
        if (_isCarrier)
        {
            _session.BeginClose(close, drop: true);
        }
        else
        {
            _session.Forget(this);
        }
    }

    private async ValueTask ReceiveProbeAsync(ReadOnlyMemory<byte> message)
    {
        if (message.Span.SequenceEqual(EnginePackets.Probe))
        {
            _hasProbed = true;
            Connection.Send(EnginePackets.ProbeAnswer);
            _session.ExpectUpgrade(this);
        }
        else if (!message.IsEmpty && message.Span[0] == EnginePackets.Upgrade)
        {
            _isCarrier = await _session.UpgradeAsync(this);
            if (!_isCarrier)
            {
                Connection.BeginClose(EngineClose.SessionEnded, drop: true);
            }
        }
        else
        {
            Connection.BeginClose(EngineClose.Malformed("a probe or an upgrade was expected"), drop: false);
        }
    }
}
