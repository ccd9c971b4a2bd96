using System.Text.Json;
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
        var missing = Required.Where(name => !Has(payload, name)).ToList();
        if (missing.Count > 0)
        {
            return (null, ChannelError.MissingFields(missing));
        }

        if (Text(payload, "tenantId") is not { } tenantId || Text(payload, "id") is not { } documentId)
        {
            return (null, ChannelError.Malformed("tenantId and id must be strings"));
        }

        var modeName = Text(payload, "mode");
        if (modeName is not ("read" or "write"))
        {
            return (null, ChannelError.Malformed("mode must be \"read\" or \"write\""));
        }

        var client = Member(payload, "client");
        if (client.Span[0] != (byte)'{')
        {
            return (null, ChannelError.Malformed("client must be an object"));
        }

        var lastSeenJson = Member(payload, "lastSeenSequenceNumber");
        if (!TryReadLastSeen(lastSeenJson, out var lastSeen))
        {
            return (null, ChannelError.Malformed("lastSeenSequenceNumber must be an integer that is not negative"));
        }

        var message = new ConnectDocumentMessage(
            tenantId,
            documentId,
            Text(payload, "token"),
            client,
            modeName == "write" ? ConnectionMode.Write : ConnectionMode.Read,
            ReadVersions(Member(payload, "versions")),
            lastSeen,
            Member(payload, "nonce"));
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

    private static bool Has(ReadOnlyMemory<byte> payload, string name) =>
        Member(payload, name) is { IsEmpty: false } value && !value.Span.SequenceEqual("null"u8);

    private static string? Text(ReadOnlyMemory<byte> payload, string name) =>
        Member(payload, name) is { IsEmpty: false } value ? JsonReading.TextOf(value) : null;

    private static ReadOnlyMemory<byte> Member(ReadOnlyMemory<byte> payload, string name) =>
        JsonReading.TryGetMember(payload, System.Text.Encoding.ASCII.GetBytes(name), out var value) ? value : default;
}
