using System.Net.WebSockets;
using Levee.Gateway.Phoenix.Serializers;
using Levee.Gateway.Sockets;
using Microsoft.Extensions.Logging;

namespace Levee.Gateway.Phoenix;

/// <summary>One WebSocket with its channels.</summary>
public sealed partial class PhoenixSocket : IOpenSocket, IWebSocketOwner
{
    private readonly WebSocketConnection _connection;
    private readonly PhoenixOptions _options;
    private readonly ChannelRoutes _routes;
    private readonly IServiceProvider _services;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PhoenixSocket(
        AcceptedWebSocket accepted,
        IPhoenixSerializer serializer,
        PhoenixOptions options,
        ChannelRoutes routes,
        IServiceProvider services,
        TimeProvider time,
        ILogger logger)
    {
        _options = options;
        _routes = routes;
        _services = services;
        _logger = logger;
        Serializer = serializer;
        Outbox = new Outbox(options.OutboxBytes, options.OutboxFrames);
        var wrongType = serializer.MessageType == WebSocketMessageType.Text
            ? "this vsn speaks JSON in text frames"
            : "this vsn speaks MessagePack in binary frames";
        var limits = new WebSocketLimits(options.MaxFrameBytes, serializer.MessageType, wrongType, options.CloseTimeout);
        _connection = new WebSocketConnection(Id, accepted, this, Outbox, limits, time, logger);
    }

    /// <summary>A number that is unique among the sockets of this process.</summary>
    public long Id { get; } = SocketIds.Next();

    /// <summary>The serializer that the client asked for.</summary>
    public IPhoenixSerializer Serializer { get; }

    internal Outbox Outbox { get; }

    /// <summary>Completes when the connection has ended and every channel has been told.</summary>
    Task IOpenSocket.Completed => _completed.Task;

    private bool IsClosing => _connection.IsClosing;

    /// <inheritdoc/>
    async Task IOpenSocket.RunAsync()
    {
        await _connection.RunAsync();
        await WhenChannelsHaveEndedAsync();
        _completed.TrySetResult();
    }

    /// <inheritdoc/>
    void IOpenSocket.Shutdown(string reason) => _connection.BeginClose(SocketClose.Shutdown(reason), drop: false);

    /// <inheritdoc/>
    void IOpenSocket.Abort() => _connection.Abort();

    /// <inheritdoc/>
    void IOpenSocket.Sweep()
    {
        if (_connection.Silence >= _options.IdleTimeout)
        {
            var reason = $"silent for {_options.IdleTimeout.TotalSeconds:0.#} s: send a heartbeat on topic phoenix";
            _connection.BeginClose(new SocketClose(WebSocketCloseStatus.PolicyViolation, reason), drop: false);
        }
    }

    /// <inheritdoc/>
    async ValueTask IWebSocketOwner.ReceiveAsync(byte[] message)
    {
        PhoenixFrame frame;
        try
        {
            frame = Serializer.Decode(message);
        }
        catch (PhoenixFrameException e)
        {
            _connection.BeginClose(new SocketClose(e.CloseStatus, e.Message), drop: false);
            return;
        }

        await HandleFrameAsync(frame);
    }

    /// <inheritdoc/>
    void IWebSocketOwner.Closing(SocketClose close) => EndAllChannels(close.Cause switch
    {
        SocketCloseCause.SlowConsumer => ChannelCloseReason.SlowConsumer,
        SocketCloseCause.ServerShutdown => ChannelCloseReason.ServerShutdown,
        _ => ChannelCloseReason.SocketClosed,
    });

    /// <summary>Queues an encoded frame; never waits. A frame that does not fit cuts the socket.</summary>
    internal bool Send(ReadOnlyMemory<byte> frame) => _connection.Send(frame);

    private static partial class Log
    {
        // Messages of exceptions may quote contents, so a crash is told by its type and place only.
        [LoggerMessage(5, LogLevel.Error, "Socket {SocketId}: {ChannelType} crashed in {Step}: {ErrorType}\n{Stack}")]
        internal static partial void ChannelCrashed(
            ILogger logger, long socketId, string channelType, string step, string errorType, string? stack);

        [LoggerMessage(6, LogLevel.Information, "Socket {SocketId}: {ChannelType} ended ({CloseReason}): {Reason}")]
        internal static partial void ChannelEnded(
            ILogger logger, long socketId, string channelType, ChannelCloseReason closeReason, string reason);
    }
}
