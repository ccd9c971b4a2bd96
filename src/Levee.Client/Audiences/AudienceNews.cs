using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client;

/// <summary>
/// What one message says about who is there. What names nobody says nothing, as for the server: it is no reason to end a document.
/// </summary>
/// <param name="Joined">Who came; null when nobody did.</param>
/// <param name="Left">The id of who went; null when nobody did.</param>
internal readonly record struct AudienceNews(AudienceMember? Joined, string? Left)
{
    /// <summary>Reads a <c>join</c> or <c>leave</c>: writers come and go by ops.</summary>
    public static AudienceNews Read(SequencedMessage message)
    {
        try
        {
            return message.Type switch
            {
                MessageType.Join when SystemMessage.ReadJoin(message.Envelope) is { } member =>
                    new AudienceNews(AudienceMember.Of(member.ClientId, member.Detail.Json, message.SequenceNumber), null),
                MessageType.Leave => new AudienceNews(null, SystemMessage.ReadLeave(message.Envelope)),
                _ => default,
            };
        }
        catch (JsonException)
        {
            return default;
        }
    }

    /// <summary>
    /// Reads the service's signal that somebody came or went, <c>"{type, content}"</c> with type <c>join</c> or <c>leave</c>. False for
    /// every other signal: it is the application's.
    /// </summary>
    public static bool TryRead(LeveeSignal signal, out AudienceNews news)
    {
        news = default;
        if (signal.ClientId is not null)
        {
            return false;
        }

        try
        {
            var inner = JsonReading.Unwrap(signal.Content);
            var type = JsonReading.TextOf(MemberOf(inner, "type"u8));
            var content = MemberOf(inner, "content"u8);
            news = type switch
            {
                MessageType.Join => new AudienceNews(TryReadMember(content), null),
                MessageType.Leave => new AudienceNews(null, JsonReading.TextOf(content)),
                _ => default,
            };
            return type is MessageType.Join or MessageType.Leave;
        }
        catch (JsonException)
        {
            // A string that is no JSON text is somebody's content.
            return false;
        }
    }

    /// <summary>Reads <c>{clientId, client}</c>; null when it names no client.</summary>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static AudienceMember? TryReadMember(ReadOnlyMemory<byte> json) =>
        JsonReading.TryGetMember(json, "clientId"u8, out var clientId)
        && JsonReading.TextOf(clientId) is { } id
        && JsonReading.TryGetMember(json, "client"u8, out var client)
            ? AudienceMember.Of(id, client)
            : null;

    private static ReadOnlyMemory<byte> MemberOf(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name) =>
        JsonReading.TryGetMember(json, name, out var value) ? value : "null"u8.ToArray();
}
