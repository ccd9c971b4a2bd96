using System.Net.WebSockets;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// Phoenix's V1 serializer, for clients that ask for no version: JSON text frames
/// <c>{topic, event, payload, ref, join_ref}</c>. Members may come in any order, unknown ones are ignored, and the last
/// of a repeated one counts; <c>ref</c>, <c>join_ref</c> and <c>payload</c> may be absent.
/// </summary>
/// <param name="maxDepth">The deepest nesting accepted, the frame's own object counted.</param>
public sealed class JsonObjectSerializer(int maxDepth) : IPhoenixSerializer
{
    private static readonly byte[] EmptyObject = "{}"u8.ToArray();

    /// <inheritdoc/>
    public string Version => "1.0.0";

    /// <inheritdoc/>
    public WebSocketMessageType MessageType => WebSocketMessageType.Text;

    /// <inheritdoc/>
    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        var reader = JsonText.Open(message.Span, maxDepth);
        if (JsonText.Next(ref reader, maxDepth) != JsonTokenType.StartObject)
        {
            throw PhoenixFrameException.WrongShape("a frame is an object {topic, event, payload, ref, join_ref}");
        }

        string? joinRef = null, reference = null, topic = null, eventName = null;
        ReadOnlyMemory<byte> payload = EmptyObject;
        while (JsonText.Next(ref reader, maxDepth) != JsonTokenType.EndObject)
        {
            var member = MemberOf(ref reader);
            JsonText.Next(ref reader, maxDepth);
            switch (member)
            {
                case Member.JoinRef: joinRef = JsonText.NameOrNull(ref reader, "join_ref"); break;
                case Member.Ref: reference = JsonText.NameOrNull(ref reader, "ref"); break;
                case Member.Topic: topic = JsonText.Name(ref reader, "topic"); break;
                case Member.Event: eventName = JsonText.Name(ref reader, "event"); break;
                case Member.Payload: payload = JsonText.Slice(ref reader, message, maxDepth); break;
                default: JsonText.Slice(ref reader, message, maxDepth); break;
            }
        }

        JsonText.End(ref reader);
        return new PhoenixFrame(
            joinRef,
            reference,
            topic ?? throw PhoenixFrameException.WrongShape("the frame has no topic"),
            eventName ?? throw PhoenixFrameException.WrongShape("the frame has no event"),
            payload);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodePush(
        string topic, string eventName, ReadOnlySpan<byte> payloadJson, string? joinRef = null, string? reference = null)
    {
        var scratch = FrameScratch.Rent();
        WriteHead(scratch.Json, joinRef, reference, topic, eventName);
        JsonText.WriteSpliced(scratch.Json, payloadJson);
        scratch.Json.WriteEndObject();
        return scratch.ToArrayAndReturn();
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodeReply(
        string topic, string? joinRef, string? reference, ReplyStatus status, ReadOnlySpan<byte> responseJson)
    {
        var scratch = FrameScratch.Rent();
        WriteHead(scratch.Json, joinRef, reference, topic, PhoenixEvents.Reply);
        JsonText.WriteReplyPayload(scratch.Json, status, responseJson);
        scratch.Json.WriteEndObject();
        return scratch.ToArrayAndReturn();
    }

    private static void WriteHead(Utf8JsonWriter json, string? joinRef, string? reference, string topic, string eventName)
    {
        json.WriteStartObject();
        json.WriteString("join_ref"u8, joinRef);
        json.WriteString("ref"u8, reference);
        json.WriteString("topic"u8, topic);
        json.WriteString("event"u8, eventName);
        json.WritePropertyName("payload"u8);
    }

    private static Member MemberOf(ref Utf8JsonReader reader) =>
        reader.IsText("topic"u8) ? Member.Topic
        : reader.IsText("event"u8) ? Member.Event
        : reader.IsText("payload"u8) ? Member.Payload
        : reader.IsText("ref"u8) ? Member.Ref
        : reader.IsText("join_ref"u8) ? Member.JoinRef
        : Member.Unknown;

    private enum Member
    {
        Unknown,
        JoinRef,
        Ref,
        Topic,
        Event,
        Payload,
    }
}
