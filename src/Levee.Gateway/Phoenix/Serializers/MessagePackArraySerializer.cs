using System.Net.WebSockets;
using System.Text;
using System.Text.Unicode;
using MessagePack;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// The five elements of <see cref="JsonArraySerializer"/> as one MessagePack array in a binary frame, each way: what a
/// Phoenix client sends when <c>encode</c> and <c>decode</c> are msgpackr's <c>pack</c> and <c>unpack</c>. Channels see the
/// payload as JSON; <see cref="MessagePackTranscoder"/> says how it is translated.
/// </summary>
/// <param name="maxDepth">The deepest nesting accepted, the frame's own array counted.</param>
public sealed class MessagePackArraySerializer(int maxDepth) : IPhoenixSerializer
{
    private const int ElementCount = 5;

    /// <inheritdoc/>
    public string Version => "3.0.0";

    /// <inheritdoc/>
    public WebSocketMessageType MessageType => WebSocketMessageType.Binary;

    /// <inheritdoc/>
    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new MessagePackReader(message);
            if (reader.NextMessagePackType != MessagePackType.Array || reader.ReadArrayHeader() != ElementCount)
            {
                throw PhoenixFrameException.WrongShape("a frame is an array of five: [join_ref, ref, topic, event, payload]");
            }

            var joinRef = NameOrNull(ref reader, "join_ref");
            var reference = NameOrNull(ref reader, "ref");
            var topic = Name(ref reader, "topic");
            var eventName = Name(ref reader, "event");
            var payload = Payload(ref reader);
            return reader.End
                ? new PhoenixFrame(joinRef, reference, topic, eventName, payload)
                : throw PhoenixFrameException.WrongShape("bytes follow the frame");
        }
        catch (Exception e) when (MessagePackTranscoder.IsReadFailure(e))
        {
            throw PhoenixFrameException.Undecodable("the frame is not MessagePack");
        }
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodePush(
        string topic, string eventName, ReadOnlySpan<byte> payloadJson, string? joinRef = null, string? reference = null)
    {
        var scratch = FrameScratch.Rent();
        var writer = new MessagePackWriter(scratch.Buffer);
        WriteHead(ref writer, joinRef, reference, topic, eventName);
        WritePayload(ref writer, payloadJson);
        writer.Flush();
        return scratch.ToArrayAndReturn();
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> EncodeReply(
        string topic, string? joinRef, string? reference, ReplyStatus status, ReadOnlySpan<byte> responseJson)
    {
        var scratch = FrameScratch.Rent();
        var writer = new MessagePackWriter(scratch.Buffer);
        WriteHead(ref writer, joinRef, reference, topic, PhoenixEvents.Reply);
        writer.WriteMapHeader(2);
        writer.WriteString("status"u8);
        writer.WriteString(status == ReplyStatus.Ok ? "ok"u8 : "error"u8);
        writer.WriteString("response"u8);
        WritePayload(ref writer, responseJson);
        writer.Flush();
        return scratch.ToArrayAndReturn();
    }

    private static void WriteHead(
        ref MessagePackWriter writer, string? joinRef, string? reference, string topic, string eventName)
    {
        writer.WriteArrayHeader(ElementCount);
        writer.Write(joinRef);
        writer.Write(reference);
        writer.Write(topic);
        writer.Write(eventName);
    }

    private static void WritePayload(ref MessagePackWriter writer, ReadOnlySpan<byte> json) =>
        MessagePackTranscoder.WriteJson(ref writer, json.IsEmpty ? "{}"u8 : json);

    private static string? NameOrNull(ref MessagePackReader reader, string element) =>
        reader.TryReadNil() ? null : Name(ref reader, element);

    private static string Name(ref MessagePackReader reader, string element)
    {
        if (reader.NextMessagePackType != MessagePackType.String)
        {
            throw PhoenixFrameException.WrongShape($"{element} is not a string");
        }

        var text = reader.ReadStringSequence()!.Value.FirstSpan;
        if (text.Length > 3 * PhoenixFrame.MaxNameLength)
        {
            throw PhoenixFrameException.NameTooLong(element);
        }

        if (!Utf8.IsValid(text))
        {
            throw PhoenixFrameException.NotUtf8();
        }

        var name = Encoding.UTF8.GetString(text);
        return name.Length <= PhoenixFrame.MaxNameLength ? name : throw PhoenixFrameException.NameTooLong(element);
    }

    private byte[] Payload(ref MessagePackReader reader)
    {
        var scratch = FrameScratch.Rent();
        MessagePackTranscoder.WriteValue(ref reader, scratch.Json, maxDepth, outerLevels: 1);
        return scratch.ToArrayAndReturn();
    }
}
