using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>
/// The payload of <c>connect_document_error</c>. Code and message are those of the reference service, for drivers act on the codes: 401
/// and 403 make them fetch a fresh token once, 429 and 503 make them wait, 500 makes them come again, 400 and 404 close the container.
/// </summary>
/// <param name="Code">An HTTP-like status code.</param>
/// <param name="Reason">A name for the log; not sent.</param>
/// <param name="Message">The sentence that people read.</param>
internal sealed record ConnectError(int Code, string Reason, string Message)
{
    private const int TooManyClientsRetry = 300_000;

    // Without it a driver waits eleven minutes; a server that restarts is back much sooner.
    private const int DrainingRetry = 5_000;

    // A disk that is full is not made empty within a second; nor should its clients be away for minutes after it was.
    private const int StorageRetry = 5_000;

    /// <summary>Milliseconds to wait before the next try.</summary>
    public int? RetryAfterMs { get; private init; }

    /// <summary>What drivers compare beside the code.</summary>
    public string? InternalErrorCode { get; private init; }

    public static ConnectError AlreadyConnected { get; } = new(
        400, "already_connected", "Already connected: a socket carries one connection; open another socket for another one");

    public static ConnectError InvalidMessage { get; } = new(400, "invalid_message", "Invalid connection message");

    public static ConnectError UnknownDocument { get; } = new(
        404, "unknown_document", "Document not found: nobody has created it; create it with POST /documents/{tenant}, or check its id");

    public static ConnectError UnsupportedVersion(IEnumerable<string> versions) => new(
        400,
        "unsupported_version",
        $"Unsupported client protocol. Server: {string.Join(',', ProtocolVersions.Supported)}. Client: {ProtocolVersions.Show(versions)}");

    public static ConnectError Of(TokenFailure failure) => new(CodeOf(failure.Reason), failure.ReasonName, MessageOf(failure.Reason));

    public static ConnectError Of(ConnectRefusal refusal) => refusal switch
    {
        ConnectRefusal.UnknownDocument => UnknownDocument,
        ConnectRefusal.TooManyClients => new(429, "too_many_clients", "Too Many Clients Connected to Document")
        {
            RetryAfterMs = TooManyClientsRetry,
        },
        ConnectRefusal.Draining => new(503, "draining", "The server is shutting down; connect again")
        {
            RetryAfterMs = DrainingRetry,
            InternalErrorCode = "ClusterDraining",
        },
        ConnectRefusal.StorageUnavailable => new(
            503, "storage_unavailable", "The server can not read or write its storage at the moment; connect again")
        {
            RetryAfterMs = StorageRetry,
        },
        ConnectRefusal.SessionEnded => new(
            500, "session_ended", "Failed to connect client to document. Its session has just ended; connect again"),
        _ => new(500, "start_failed", "Failed to connect client to document. The server's log says why"),
    };

    /// <summary>The payload, with the nonce of the message that it answers.</summary>
    public byte[] Write(ReadOnlyMemory<byte> nonce) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("code", Code);
        writer.WriteString("message", Message);
        if (RetryAfterMs is { } milliseconds)
        {
            writer.WriteNumber("retryAfter", milliseconds / 1000);
            writer.WriteNumber("retryAfterMs", milliseconds);
        }

        if (InternalErrorCode is { } internalCode)
        {
            writer.WriteString("internalErrorCode", internalCode);
        }

        if (!nonce.IsEmpty)
        {
            writer.WriteRaw("nonce", nonce);
        }

        writer.WriteEndObject();
    });

    private static int CodeOf(TokenFailureReason reason) => reason is TokenFailureReason.MissingToken or TokenFailureReason.MissingScope
        or TokenFailureReason.TenantMismatch or TokenFailureReason.DocumentMismatch
            ? 403
            : 401;

    private static string MessageOf(TokenFailureReason reason) => reason switch
    {
        TokenFailureReason.MissingToken => "Must provide an authorization token",
        TokenFailureReason.TokenExpired => "Expired token",
        // The reference service has no word for it; the code is what drivers act on.
        TokenFailureReason.TokenRevoked => "Token has been revoked",
        TokenFailureReason.MissingScope => "Missing scopes in token claims",
        TokenFailureReason.TenantMismatch or TokenFailureReason.DocumentMismatch =>
            "DocumentId and/or TenantId in token claims do not match requested resource",
        _ => "Invalid token",
    };
}
