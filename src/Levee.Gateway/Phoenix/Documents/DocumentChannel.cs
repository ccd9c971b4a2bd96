using System.Text.Json;
using Levee.Gateway.Documents;
using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>
/// A client's channel to one document: the events of the Levee contract, section 3. What it may do is decided here, from its token;
/// what its ops become is the session's business. Each push is answered by a reply, and by the contract's named event as well.
/// </summary>
internal sealed partial class DocumentChannel(
    ChannelContext context,
    SessionDirectory sessions,
    TokenVerifier tokens,
    TokenWatch watch,
    IOptions<DocumentOptions> options,
    ILogger<DocumentChannel> logger) : PhoenixChannel(context)
{
    private readonly DocumentOptions _options = options.Value;
    private readonly OpThrottle _throttle = new(options.Value);
    private DocumentKey _document;
    private IDisposable? _watched;

    // Set by the receive loop before the session hears of the client; cleared by the session when it refuses.
    private volatile DocumentChannelClient? _client;

    /// <inheritdoc/>
    public override ValueTask<JoinResult> JoinAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if (!DocumentTopic.TryParse(Context.Topic, out var document))
        {
            return ValueTask.FromResult(JoinResult.Error("""{"reason":"invalid_topic"}"""u8.ToArray()));
        }

        _document = document.Value;
        return ValueTask.FromResult(JoinResult.Ok());
    }

    /// <inheritdoc/>
    public override ValueTask HandleAsync(
        string eventName, string? reference, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => eventName switch
        {
            "submitOp" => SubmitOpAsync(reference, payload),
            "submitSignal" => SubmitSignalAsync(reference, payload),
            "noop" => NoOpAsync(reference, payload),
            "requestOps" => RequestOpsAsync(reference, payload),
            "connect_document" => ConnectDocumentAsync(reference, payload),
            _ => Refuse(reference, new ChannelError(400, "unknown_event", "This channel has no such event")),
        };

    /// <inheritdoc/>
    public override async ValueTask LeaveAsync(ChannelCloseReason reason)
    {
        _watched?.Dispose();
        if (_client is { } client)
        {
            await client.Connection.DisconnectAsync();
        }

        _throttle.Dispose();
    }

    private ValueTask ConnectDocumentAsync(string? reference, ReadOnlyMemory<byte> payload)
    {
        if (_client is not null)
        {
            return Refuse(reference, ChannelError.AlreadyConnected);
        }

        var (message, error) = ConnectDocumentMessage.Read(payload);
        if (message is null)
        {
            return RefuseConnect(reference, error!);
        }

        if (message.TenantId != _document.TenantId || message.DocumentId != _document.DocumentId)
        {
            return RefuseConnect(reference, ChannelError.Mismatch);
        }

        var scopes = message.Mode == ConnectionMode.Write ? RequiredScopes.WriteMode : RequiredScopes.ReadMode;
        return tokens.Verify(message.Token, _document.TenantId, _document.DocumentId, scopes) switch
        {
            TokenClaims claims => ConnectAsync(reference, message, claims),
            TokenFailure failure => RefuseConnect(reference, ChannelError.Of(failure)),
            var other => throw new InvalidOperationException($"Unknown outcome {other.GetType().Name}."),
        };
    }

    private ValueTask ConnectAsync(string? reference, ConnectDocumentMessage message, TokenClaims claims)
    {
        ClientDetail detail;
        try
        {
            detail = ClientDetail.Create(message.Client, claims.User.Json, claims.Scopes, message.Mode);
        }
        catch (MalformedMessageException e)
        {
            return RefuseConnect(reference, ChannelError.Malformed(e.Message));
        }

        var client = new DocumentChannelClient(Context, reference, message, claims, _options.MaxMessageBytes, OnRefused);
        client.Connection = new DocumentConnection(client, detail, claims.Has(Scopes.SummaryWrite), message.LastSeenSequenceNumber);
        _client = client;
        _watched = watch.Watch(claims, OnTokenOver);
        return sessions.ConnectAsync(_document, client.Connection);
    }

    /// <summary>The session has refused: another try is free to come.</summary>
    private void OnRefused()
    {
        _client = null;
        _watched?.Dispose();
    }

    /// <summary>
    /// Tells the client by the event that it knows, and closes the channel, for it to come again with another token; its socket and other
    /// channels stay. <c>phx_error</c> would make Phoenix's client rejoin by itself, and say the same token again and again.
    /// </summary>
    private void OnTokenOver(TokenFailure failure)
    {
        DocumentChannelClient.SendConnectError(Context, reference: null, ChannelError.Of(failure));
        Context.Close(failure.ReasonName);
    }

    private ValueTask SubmitOpAsync(string? reference, ReadOnlyMemory<byte> payload)
    {
        if (_client is not { IsConnected: true } client)
        {
            Nack(NackContent.BadRequest("Client not connected"));
            return Refuse(reference, ChannelError.NotAuthenticated);
        }

        SubmitOpMessage message;
        try
        {
            message = SubmitOpMessage.Read(payload, _options.MaxOpsPerSubmit);
        }
        catch (Exception e) when (e is MalformedMessageException or JsonException)
        {
            return RefuseSubmit(reference, "malformed", NackContent.BadRequest($"Malformed submitOp: {e.Message}"));
        }

        if (message.ClientId != client.Connection.ClientId)
        {
            return RefuseSubmit(reference, "client_id_mismatch", NackContent.BadRequest(
                $"Client ID mismatch: expected {client.Connection.ClientId}, got another"));
        }

        if (client.Connection.Detail.Mode == ConnectionMode.Read)
        {
            return RefuseSubmit(reference, "read_only", NackContent.InvalidScope("Read-only clients cannot submit operations"));
        }

        if (message.LargestBytes > _options.MaxMessageBytes)
        {
            return RefuseSubmit(reference, "too_large", NackContent.TooLarge(
                $"An op of {message.LargestBytes} bytes exceeds maxMessageSize {_options.MaxMessageBytes}"));
        }

        if (_throttle.Refuse(message.Messages.Count) is { } throttled)
        {
            return RefuseSubmit(reference, "throttled", throttled);
        }

        return PostAsync(reference, client.Connection.SubmitAsync(new Submission(message.Messages, HeldBy(payload), reference)), replyOk: false);
    }

    private ValueTask SubmitSignalAsync(string? reference, ReadOnlyMemory<byte> payload)
    {
        if (!IsFromConnectedClient(payload, out var client, out var error))
        {
            LogSignalDropped(logger, _document, error.Reason);
            return Refuse(reference, error);
        }

        IReadOnlyList<Signal> signals;
        try
        {
            signals = JsonReading.TryGetMember(payload, "contentBatches"u8, out var batches)
                ? SignalReader.ReadBatches(batches, _options.MaxSignalsPerSubmit)
                : throw new MalformedMessageException("missing contentBatches");
        }
        catch (Exception e) when (e is MalformedMessageException or JsonException)
        {
            return Refuse(reference, ChannelError.Malformed($"Malformed submitSignal: {e.Message}"));
        }

        return PostAsync(reference, client.Connection.SignalAsync(signals, HeldBy(payload)));
    }

    private ValueTask NoOpAsync(string? reference, ReadOnlyMemory<byte> payload)
    {
        if (!IsFromConnectedClient(payload, out var client, out var error))
        {
            return Refuse(reference, error);
        }

        return TryReadNumber(payload, "referenceSequenceNumber"u8, out var number)
            ? PostAsync(reference, client.Connection.UpdateReferenceAsync(number))
            : Refuse(reference, ChannelError.Malformed("referenceSequenceNumber must be an integer"));
    }

    private ValueTask RequestOpsAsync(string? reference, ReadOnlyMemory<byte> payload)
    {
        if (_client is not { IsConnected: true } client)
        {
            return Refuse(reference, ChannelError.NotAuthenticated);
        }

        return TryReadNumber(payload, "from"u8, out var from) && from >= 0
            ? PostAsync(reference, client.Connection.RequestOpsAsync(from))
            : Refuse(reference, ChannelError.Malformed("from must be an integer that is not negative"));
    }

    /// <summary>A payload is kept alive as a whole by any slice of it; what it became in memory is of about its size.</summary>
    private static long HeldBy(ReadOnlyMemory<byte> payload) => payload.Length;

    /// <summary>Waits until the session has taken a command. A submission is answered when its ops are durable, the others now.</summary>
    private async ValueTask PostAsync(string? reference, ValueTask<bool> posted, bool replyOk = true)
    {
        if (!await posted)
        {
            await Refuse(reference, ChannelError.Of(ConnectRefusal.SessionEnded));
        }
        else if (replyOk)
        {
            Context.Reply(reference, ReplyStatus.Ok);
        }
    }

    private bool IsFromConnectedClient(
        ReadOnlyMemory<byte> payload,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out DocumentChannelClient? client,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out ChannelError? error)
    {
        client = _client;
        error = null;
        if (client is not { IsConnected: true })
        {
            error = ChannelError.NotAuthenticated;
        }
        else if (!JsonReading.TryGetMember(payload, "clientId"u8, out var json) || JsonReading.TextOf(json) != client.Connection.ClientId)
        {
            error = new ChannelError(400, "client_id_mismatch", "clientId is not the one that connect_document gave");
        }

        return error is null;
    }

    private static bool TryReadNumber(ReadOnlyMemory<byte> payload, ReadOnlySpan<byte> name, out long number)
    {
        number = 0;
        return JsonReading.TryGetMember(payload, name, out var json) && JsonReading.TryGetNumber(json, out number);
    }

    private ValueTask RefuseConnect(string? reference, ChannelError error)
    {
        LogConnectRefused(logger, _document, error.Code, error.Reason);
        DocumentChannelClient.SendConnectError(Context, reference, error);
        return ValueTask.CompletedTask;
    }

    private ValueTask RefuseSubmit(string? reference, string reason, NackContent content)
    {
        LogSubmitRefused(logger, _document, reason);
        Nack(content);
        return Refuse(reference, new ChannelError(content.Code, reason, content.Message));
    }

    private ValueTask Refuse(string? reference, ChannelError error)
    {
        Context.Reply(reference, ReplyStatus.Error, DocumentChannelClient.ErrorResponse(error));
        return ValueTask.CompletedTask;
    }

    private void Nack(NackContent content) =>
        Context.Push("nack", DocumentChannelClient.NackPayload([Levee.Protocol.Nack.BeforeSequencing(content)]));

    [LoggerMessage(200, LogLevel.Information, "{Document}: connect_document refused with {Code} {Reason}")]
    private static partial void LogConnectRefused(ILogger logger, DocumentKey document, int code, string reason);

    [LoggerMessage(201, LogLevel.Information, "{Document}: submitOp refused: {Reason}")]
    private static partial void LogSubmitRefused(ILogger logger, DocumentKey document, string reason);

    [LoggerMessage(202, LogLevel.Warning, "{Document}: a signal was dropped: {Reason}")]
    private static partial void LogSignalDropped(ILogger logger, DocumentKey document, string reason);
}
