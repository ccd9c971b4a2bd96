using System.Buffers;
using System.Text.Json;
using Levee.Gateway.Phoenix.Serializers;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.Phoenix.Documents;

/// <summary>
/// What broadcasts look like on a document's topic. Frames carry no join_ref, so one of each serialization serves every client.
/// </summary>
internal static class DocumentFrames
{
    /// <summary>The frames of a batch: the <c>op</c> event, then an event of its own for each summary answer in it.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Of(OpsBroadcast ops, IPhoenixSerializer serializer) =>
        ops.FramesFor(serializer, EncodeOps);

    /// <summary>The frame of a signal: <c>{clientId, content}</c> and no <c>type</c>, whose absence stock Fluid asserts.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Of(SignalBroadcast signal, string topic, IPhoenixSerializer serializer) =>
        signal.FramesFor(serializer, (broadcast, encoding) => EncodeSignal(broadcast, topic, encoding));

    private static ReadOnlyMemory<byte>[] EncodeSignal(SignalBroadcast signal, string topic, IPhoenixSerializer serializer)
    {
        var payload = JsonWriting.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("clientId", signal.ClientId);
            writer.WriteRaw("content", signal.Content);
            writer.WriteEndObject();
        });
        return [serializer.EncodePush(topic, "signal", payload)];
    }

    private static List<ReadOnlyMemory<byte>> EncodeOps(OpsBroadcast ops, IPhoenixSerializer serializer)
    {
        var topic = DocumentTopic.Prefix + ops.Document;
        var frames = new List<ReadOnlyMemory<byte>>(1) { serializer.EncodePush(topic, "op", OpPayload(ops)) };
        foreach (var answer in SummaryAnswers(ops.Deltas))
        {
            frames.Add(serializer.EncodePush(topic, SequencedMessageReader.Read(answer).Type, answer.Span));
        }

        return frames;
    }

    private static ReadOnlySpan<byte> OpPayload(OpsBroadcast ops)
    {
        var deltas = ops.Deltas.Json;
        var documentId = JsonEncodedText.Encode(ops.Document.DocumentId).EncodedUtf8Bytes;
        var payload = new ArrayBufferWriter<byte>(deltas.Length + documentId.Length + 32);
        payload.Write("{\"documentId\":\""u8);
        payload.Write(documentId);
        payload.Write("\",\"op\":["u8);
        payload.Write(deltas.Span);
        payload.Write("]}"u8);
        return payload.WrittenSpan;
    }

    /// <summary>
    /// Summary answers are rare, and a search for these bytes costs little: inside a string they would be escaped, so a
    /// hit is an answer or, seldom, contents that look like one.
    /// </summary>
    private static IEnumerable<ReadOnlyMemory<byte>> SummaryAnswers(DeltaBatch deltas)
    {
        if (deltas.Json.Span.IndexOf("\"type\":\"summary"u8) < 0)
        {
            yield break;
        }

        for (var i = 0; i < deltas.Count; i++)
        {
            if (SequencedMessageReader.Read(deltas[i]).Type is MessageType.SummaryAck or MessageType.SummaryNack)
            {
                yield return deltas[i];
            }
        }
    }
}
