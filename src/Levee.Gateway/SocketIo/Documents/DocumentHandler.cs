using System.Text.Json;
using Levee.Gateway.Documents;
using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>
/// A stock Fluid client's socket: the events of Microsoft's reference service, as drivers for it speak them. What a client may do is
/// decided here, from its token; what its ops become is the session's business. A submission is answered by silence or by a nack.
/// </summary>
internal sealed partial class DocumentHandler(
    SocketIoSocket socket,
    SessionDirectory sessions,
    TokenVerifier tokens,
    TokenWatch watch,
    IOptions<DocumentOptions> options,
    IOptions<SocketIoOptions> socketOptions,
    TimeProvider time,
    ILogger<DocumentHandler> logger) : SocketIoHandler(socket)
{
    private readonly DocumentOptions _options = options.Value;
    private readonly OpThrottle _throttle = new(options.Value);
    private readonly ConnectDeadline _deadline = new(socket, time, socketOptions.Value.ConnectTimeout);

    // Set by the receive loop before the session hears of the client; cleared by the session when it refuses.
    private volatile DocumentSocketClient? _client;
    private IDisposable? _watched;

    // For the log: the document that the client last asked for, if its id and its tenant's are such.
    private DocumentKey? _asked;

    /// <inheritdoc/>
    public override ValueTask HandleAsync(string eventName, ReadOnlyMemory<byte> packet, long? acknowledgementId)
    {
        switch (eventName)
        {
            case "submitOp":
                return SubmitOpAsync(packet);
            case "submitSignal":
                return SubmitSignalAsync(packet);
            case "connect_document":
                return ConnectDocumentAsync(packet);
            case "ping" when acknowledgementId is { } id:
                Socket.Acknowledge(id);
                break;
            case "client_disconnect":
                LogClientDisconnect(logger, Socket.SessionId, _asked);
                break;
            default:
                LogUnknownEvent(logger, Socket.SessionId);
                break;
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public override async ValueTask LeaveAsync()
    {
        _watched?.Dispose();
        _deadline.Dispose();
        _throttle.Dispose();
        if (_client is { } client)
        {
            await client.Connection.DisconnectAsync();
        }
    }

    private ValueTask ConnectDocumentAsync(ReadOnlyMemory<byte> packet)
    {
        var argument = Arguments(packet, 1)[0];
        var message = ConnectMessage.Read(argument);
        var nonce = new JsonShape(argument)["nonce"] is { IsText: true } text ? text.Json : default;
        if (_client is not null)
        {
            return RefuseConnect(ConnectError.AlreadyConnected, nonce);
        }

        if (message is null)
        {
            return RefuseConnect(ConnectError.InvalidMessage, nonce);
        }

        _asked = TenantId.IsValid(message.TenantId) && DocumentId.IsValid(message.DocumentId)
            ? new DocumentKey(message.TenantId, message.DocumentId)
            : null;
        if (ProtocolVersions.Select(message.Versions) is null)
        {
            return RefuseConnect(ConnectError.UnsupportedVersion(message.Versions), nonce);
        }

        return tokens.Verify(message.Token, message.TenantId, message.DocumentId, RequiredScopes.ReadMode) switch
        {
            // A token may name any id, but not every text is one, nor fit for a log.
            TokenClaims when !DocumentId.IsValid(message.DocumentId) => RefuseConnect(ConnectError.UnknownDocument, nonce),
            TokenClaims claims => ConnectAsync(message, claims),
            TokenFailure failure => RefuseConnect(ConnectError.Of(failure), nonce),
            var other => throw new InvalidOperationException($"Unknown outcome {other.GetType().Name}."),
        };
    }

    private async ValueTask ConnectAsync(ConnectMessage message, TokenClaims claims)
    {
        var document = new DocumentKey(message.TenantId, message.DocumentId);
        var client = new DocumentSocketClient(Socket, document, message, claims, time, OnRefused);
        ClientDetail detail;
        try
        {
            detail = ClientDetail.Create(message.Client, claims.User.Json, claims.Scopes, Grant(message.Mode, client));
        }
        catch (MalformedMessageException)
        {
            await RefuseConnect(ConnectError.InvalidMessage, message.Nonce);
            return;
        }

        _deadline.Stop();
        client.Connection = new DocumentConnection(client, detail, detail.MaySummarize);
        _client = client;
        _watched = watch.Watch(claims, failure => Socket.Disconnect(failure.Message));
        await sessions.ConnectAsync(document, client.Connection);
    }

    private static ConnectionMode Grant(ConnectionMode asked, DocumentSocketClient client) =>
        asked == ConnectionMode.Write && client.CouldWrite ? ConnectionMode.Write : ConnectionMode.Read;

    /// <summary>The session has refused: another try is free to come.</summary>
    private void OnRefused(ConnectRefusal refusal)
    {
        _client = null;
        _watched?.Dispose();
        _deadline.Restart();
        LogConnectRefused(logger, Socket.SessionId, _asked, ConnectError.Of(refusal).Code, ConnectError.Of(refusal).Reason);
    }

    private async ValueTask SubmitOpAsync(ReadOnlyMemory<byte> packet)
    {
        SubmitOpMessage message;
        try
        {
            message = SubmitOpMessage.Read(packet, _options.MaxOpsPerSubmit);
        }
        catch (Exception e) when (e is MalformedMessageException or JsonException)
        {
            Nack(NackContent.BadRequest($"Malformed submitOp: {e.Message}"));
            return;
        }

        var client = _client;
        if (Check(client, message) is { } refusal)
        {
            Nack(refusal);
            return;
        }

        // False when the session has ended: then the socket ends too, and the client submits anew.
        await client!.Connection.SubmitAsync(new Submission(message.Batches.Messages, packet.Length));
    }

    /// <summary>What is refused before sequencing, in the order of the reference service.</summary>
    private NackContent? Check(DocumentSocketClient? client, SubmitOpMessage message)
    {
        if (!IsFrom(client, message.ClientId))
        {
            return NackContent.BadRequest("Nonexistent client");
        }

        if (client!.Connection.Detail.Mode == ConnectionMode.Read)
        {
            return client.CouldWrite ? NackContent.BadRequest("Readonly client") : NackContent.InvalidScope("Invalid scope");
        }

        if (!client.MayWrite && message.Batches.Messages.Any(op => op.Type is not (MessageType.Summarize or MessageType.NoOp)))
        {
            return NackContent.InvalidScope("Invalid scope");
        }

        return message.Batches.LargestBytes > _options.MaxMessageBytes
            ? NackContent.TooLarge("Op size too large")
            : _throttle.Refuse(message.Batches.Messages.Count);
    }

    private async ValueTask SubmitSignalAsync(ReadOnlyMemory<byte> packet)
    {
        var arguments = Arguments(packet, 2);
        var client = _client;
        if (!IsFrom(client, new JsonShape(arguments[0]).Text))
        {
            Nack(NackContent.BadRequest("Nonexistent client"));
            return;
        }

        IReadOnlyList<Signal> signals;
        try
        {
            signals = client!.SignalsV2
                ? FluidSignalReader.ReadV2(arguments[1], _options.MaxSignalsPerSubmit)
                : FluidSignalReader.ReadV1(arguments[1], _options.MaxSignalsPerSubmit);
        }
        catch (Exception e) when (e is MalformedMessageException or JsonException)
        {
            LogSignalRefused(logger, Socket.SessionId, _asked, e.Message);
            Nack(NackContent.BadRequest("Invalid signal message"));
            return;
        }

        await client.Connection.SignalAsync(signals, packet.Length);
    }

    private static bool IsFrom(DocumentSocketClient? client, string? clientId) =>
        client is { IsConnected: true } && client.Connection.ClientId == clientId;

    /// <summary>An event's arguments; absent ones are null.</summary>
    private static ReadOnlyMemory<byte>[] Arguments(ReadOnlyMemory<byte> packet, int count)
    {
        var elements = JsonReading.ReadList(packet);
        var arguments = new ReadOnlyMemory<byte>[count];
        Array.Fill(arguments, "null"u8.ToArray());
        elements.Skip(1).Take(count).ToArray().CopyTo(arguments, 0);
        return arguments;
    }

    private ValueTask RefuseConnect(ConnectError error, ReadOnlyMemory<byte> nonce)
    {
        LogConnectRefused(logger, Socket.SessionId, _asked, error.Code, error.Reason);
        Socket.Send(DocumentPackets.Error(error, nonce));
        return ValueTask.CompletedTask;
    }

    private void Nack(NackContent content)
    {
        LogNacked(logger, _client is null ? LogLevel.Debug : LogLevel.Information, Socket.SessionId, _asked, content.Code);
        Socket.Send(DocumentPackets.Nack(content));
    }

    [LoggerMessage(220, LogLevel.Information, "Socket {SocketId}: connect_document to {Document} refused with {Code} {Reason}")]
    private static partial void LogConnectRefused(ILogger logger, long socketId, DocumentKey? document, int code, string reason);

    // Of a client that no document has taken yet it is of little interest, and could come without end.
    [LoggerMessage(EventId = 221, Message = "Socket {SocketId}: a push to {Document} was nacked with {Code} before sequencing")]
    private static partial void LogNacked(ILogger logger, LogLevel level, long socketId, DocumentKey? document, int code);

    [LoggerMessage(222, LogLevel.Debug, "Socket {SocketId}: signals to {Document} refused: {Reason}")]
    private static partial void LogSignalRefused(ILogger logger, long socketId, DocumentKey? document, string reason);

    [LoggerMessage(223, LogLevel.Information, "Socket {SocketId}: the client of {Document} leaves because of an error of its own")]
    private static partial void LogClientDisconnect(ILogger logger, long socketId, DocumentKey? document);

    [LoggerMessage(224, LogLevel.Debug, "Socket {SocketId}: an unknown event was ignored")]
    private static partial void LogUnknownEvent(ILogger logger, long socketId);
}
