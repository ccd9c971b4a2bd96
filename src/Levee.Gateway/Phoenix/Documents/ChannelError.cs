using Levee.Identity;
using Levee.Sessions;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>An error as clients of a document channel get it: the contract's tables, section 3.</summary>
/// <param name="Code">An HTTP-like status code.</param>
/// <param name="Reason">The name that programs compare.</param>
/// <param name="Message">The sentence that people read.</param>
internal sealed record ChannelError(int Code, string Reason, string Message)
{
    public static ChannelError AlreadyConnected { get; } =
        new(400, "already_connected", "This channel is connected already; leave it to connect anew");

    public static ChannelError Mismatch { get; } =
        new(400, "tenant_document_mismatch", "Tenant/document ID mismatch with topic");

    public static ChannelError NotAuthenticated { get; } =
        new(401, "not_authenticated", "Send connect_document with a token first");

    public static ChannelError MissingFields(IEnumerable<string> fields) =>
        new(400, "missing_fields", $"Missing required fields: {string.Join(", ", fields)}");

    public static ChannelError Malformed(string what) => new(400, "malformed", what);

    public static ChannelError Of(TokenFailure failure) => new(failure.Code, failure.ReasonName, failure.Message);

    public static ChannelError Of(ConnectRefusal refusal) => refusal switch
    {
        ConnectRefusal.UnknownDocument => new(
            404, "session_not_found", "Document session not found: there is no such document; create it with POST /documents/{tenant}"),
        ConnectRefusal.StartFailed => new(
            500, "session_start_failed", "Failed to start document session: the server's log says why; try again later"),
        ConnectRefusal.StorageUnavailable => new(
            503, "storage_unavailable", "The server can not read or write its storage at the moment; connect again"),
        ConnectRefusal.AheadOfDocument => new(
            400, "ahead_of_document", "lastSeenSequenceNumber is beyond the document's last message; load it anew"),
        ConnectRefusal.TooManyClients => new(
            429, "too_many_clients", "As many clients are connected to this document as the server allows; try again later"),
        _ => new(503, "session_ended", "The document's session has just ended; connect again"),
    };
}
