using Levee.Protocol;

namespace Levee.Client;

/// <summary>A client that is connected to the document.</summary>
/// <param name="ClientId">Its id, until it reconnects: each connection is a member of its own.</param>
/// <param name="Mode">Whether it writes or only reads.</param>
/// <param name="UserId">The <c>id</c> of its token's user; null when that is no text.</param>
/// <param name="UserJson">Its token's user, a JSON object; <c>null</c> when there is none.</param>
/// <param name="JoinSequenceNumber">
/// The SN of its join. Null for a reader, whose join is no op, and for a writer that was there before this document was connected to, of
/// whom the server does not tell it.
/// </param>
/// <param name="ClientJson">All that the server tells of it, Fluid's <c>IClient</c>, a JSON object.</param>
public sealed record AudienceMember(
    string ClientId,
    ConnectionMode Mode,
    string? UserId,
    ReadOnlyMemory<byte> UserJson,
    long? JoinSequenceNumber,
    ReadOnlyMemory<byte> ClientJson)
{
    /// <summary>Reads a client's record, of which a copy is kept: it outlives the frame that it came in.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is no JSON.</exception>
    internal static AudienceMember Of(string clientId, ReadOnlyMemory<byte> client, long? joinSequenceNumber = null)
    {
        var detail = ClientDetail.Parse(client.ToArray());
        var user = JsonReading.TryGetMember(detail.Json, "user"u8, out var value) ? value : "null"u8.ToArray();
        var userId = JsonReading.TryGetMember(user, "id"u8, out var id) ? JsonReading.TextOf(id) : null;
        return new AudienceMember(clientId, detail.Mode, userId, user, joinSequenceNumber, detail.Json);
    }
}
