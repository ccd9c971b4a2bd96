using System.Text.Encodings.Web;
using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// The members of the service's own messages: their payload is <c>data</c>, a JSON text inside a JSON string, and for summary
/// answers <c>contents</c> as well (clients parse <c>data</c> when there is one, else they take <c>contents</c>).
/// </summary>
public static class SystemMessage
{
    /// <summary>Members of a <c>join</c>.</summary>
    public static ReadOnlyMemory<byte> Join(string clientId, ClientDetail detail) => Members("null"u8.ToArray(), JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("clientId", clientId);
        writer.WriteRaw("detail", detail.Json);
        writer.WriteEndObject();
    }));

    /// <summary>Members of a <c>leave</c>.</summary>
    public static ReadOnlyMemory<byte> Leave(string clientId) =>
        Members("null"u8.ToArray(), JsonWriting.Write(writer => writer.WriteStringValue(clientId)));

    /// <summary>Members of a message whose contents and data say the same.</summary>
    public static ReadOnlyMemory<byte> WithContents(byte[] contents) => Members(contents, contents);

    /// <summary>Reads a stored join; null when it names no client.</summary>
    public static QuorumMember? ReadJoin(in SequencedDocumentMessage message) =>
        ReadData(message.Members) is { } data
        && JsonReading.TryGetMember(data, "clientId"u8, out var clientId)
        && JsonReading.TextOf(clientId) is { } id
        && JsonReading.TryGetMember(data, "detail"u8, out var detail)
            ? new QuorumMember(id, message.SequenceNumber, ClientDetail.Parse(detail))
            : null;

    /// <summary>Reads whom a stored leave names; null when it names nobody.</summary>
    public static string? ReadLeave(in SequencedDocumentMessage message) =>
        ReadData(message.Members) is { } data ? JsonReading.TextOf(data) : null;

    private static ReadOnlyMemory<byte>? ReadData(ReadOnlyMemory<byte> members) =>
        // The cast matters: a bare null would become empty memory, by way of a null array.
        JsonReading.TryGetMemberOf(members, "data"u8, out var data) ? JsonReading.Unwrap(data) : (ReadOnlyMemory<byte>?)null;

    private static ReadOnlyMemory<byte> Members(byte[] contents, byte[] data) => JsonWriting.Members(writer =>
    {
        writer.WriteRaw("contents", contents);
        writer.WriteString("data", JsonEncodedText.Encode(data, JavaScriptEncoder.UnsafeRelaxedJsonEscaping));
    });
}
