using System.Net.WebSockets;
using System.Text.Json;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// Phoenix's V2 serializer: JSON text frames <c>[join_ref, ref, topic, event, payload]</c>. Phoenix's binary pushes of
/// this version are not spoken.
/// </summary>
/// <param name="maxDepth">The deepest nesting accepted, the frame's own array counted.</param>
public sealed class JsonArraySerializer(int maxDepth) : IPhoenixSerializer
{
    /// <inheritdoc/>
    public string Version => "2.0.0";

    /// <inheritdoc/>
    public WebSocketMessageType MessageType => WebSocketMessageType.Text;

    /// <inheritdoc/>
    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        var reader = JsonText.Open(message.Span, maxDepth);
        if (JsonText.Next(ref reader, maxDepth) != JsonTokenType.StartArray)
        {
            throw NotFiveElements();
        }

        NextElement(ref reader);
        var joinRef = JsonText.NameOrNull(ref reader, "join_ref");
        NextElement(ref reader);
        var reference = JsonText.NameOrNull(ref reader, "ref");
        NextElement(ref reader);
        var topic = JsonText.Name(ref reader, "topic");
        NextElement(ref reader);
        var eventName = JsonText.Name(ref reader, "event");
        NextElement(ref reader);
        var payload = JsonText.Slice(ref reader, message, maxDepth);
        if (JsonText.Next(ref reader, maxDepth) != JsonTokenType.EndArray)
        {
            throw NotFiveElements();
        }

        JsonText.End(ref reader);
        return new PhoenixFrame(joinRef, reference, topic, eventName, payload);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodePush(
        string topic, string eventName, ReadOnlySpan<byte> payloadJson, string? joinRef = null, string? reference = null)
    {
        var scratch = FrameScratch.Rent();
        WriteHead(scratch.Json, joinRef, reference, topic, eventName);
        JsonText.WriteSpliced(scratch.Json, payloadJson);
        scratch.Json.WriteEndArray();
        return scratch.ToArrayAndReturn();
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodeReply(
        string topic, string? joinRef, string? reference, ReplyStatus status, ReadOnlySpan<byte> responseJson)
    {
        var scratch = FrameScratch.Rent();
        WriteHead(scratch.Json, joinRef, reference, topic, PhoenixEvents.Reply);
        JsonText.WriteReplyPayload(scratch.Json, status, responseJson);
        scratch.Json.WriteEndArray();
        return scratch.ToArrayAndReturn();
    }

    private static void WriteHead(Utf8JsonWriter json, string? joinRef, string? reference, string topic, string eventName)
    {
        json.WriteStartArray();
        json.WriteStringValue(joinRef);
        json.WriteStringValue(reference);
        json.WriteStringValue(topic);
        json.WriteStringValue(eventName);
    }

    private static PhoenixFrameException NotFiveElements() =>
        PhoenixFrameException.WrongShape("a frame is an array of five: [join_ref, ref, topic, event, payload]");

    private void NextElement(ref Utf8JsonReader reader)
    {
        if (JsonText.Next(ref reader, maxDepth) == JsonTokenType.EndArray)
        {
            throw NotFiveElements();
        }
    }
}
