using System.Text.Json;
using Levee.Gateway.Documents;
using Levee.Protocol;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>The payload of <c>connect_document</c>, as far as the service reads it.</summary>
internal sealed record ConnectDocumentMessage(
    string TenantId,
    string DocumentId,
    string? Token,
    ReadOnlyMemory<byte> Client,
    ConnectionMode Mode,
    IReadOnlyList<string> Versions,
    long? LastSeenSequenceNumber,
    ReadOnlyMemory<byte> Nonce)
{
    // Clients name a handful; the rest is not looked at.
    private const int MaxVersions = 32;

    private static readonly string[] Required = ["tenantId", "id", "client", "mode"];

    /// <summary>Reads the payload. One of the two results is set.</summary>
    public static (ConnectDocumentMessage? Message, ChannelError? Error) Read(ReadOnlyMemory<byte> payload)
    {
        var shape = new JsonShape(payload);
        var missing = Required.Where(name => shape[name] is { IsAbsent: true } or { IsNull: true }).ToList();
        if (missing.Count > 0)
        {
            return (null, ChannelError.MissingFields(missing));
        }

        if (shape["tenantId"].Text is not { } tenantId || shape["id"].Text is not { } documentId)
        {
            return (null, ChannelError.Malformed("tenantId and id must be strings"));
        }

        var modeName = shape["mode"].Text;
        if (modeName is not ("read" or "write"))
        {
            return (null, ChannelError.Malformed("mode must be \"read\" or \"write\""));
        }

        if (!shape["client"].IsObject)
        {
            return (null, ChannelError.Malformed("client must be an object"));
        }

        var lastSeenJson = shape["lastSeenSequenceNumber"].Json;
        if (!TryReadLastSeen(lastSeenJson, out var lastSeen))
        {
            return (null, ChannelError.Malformed("lastSeenSequenceNumber must be an integer that is not negative"));
        }

        var message = new ConnectDocumentMessage(
            tenantId,
            documentId,
            shape["token"].Text,
            shape["client"].Json,
            modeName == "write" ? ConnectionMode.Write : ConnectionMode.Read,
            ReadVersions(shape["versions"].Json),
            lastSeen,
            shape["nonce"].Json);
        return (message, null);
    }

    private static bool TryReadLastSeen(ReadOnlyMemory<byte> json, out long? lastSeen)
    {
        lastSeen = null;
        if (json.IsEmpty || json.Span.SequenceEqual("null"u8))
        {
            return true;
        }

        if (!JsonReading.TryGetNumber(json, out var number) || number < 0)
        {
            return false;
        }

        lastSeen = number;
        return true;
    }

    private static List<string> ReadVersions(ReadOnlyMemory<byte> json)
    {
        var versions = new List<string>();
        if (json.IsEmpty || json.Span[0] != (byte)'[')
        {
            return versions;
        }

        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.String && versions.Count < MaxVersions)
        {
            versions.Add(reader.TryGetText() ?? "");
        }

        return versions;
    }
}
