using System.Net.WebSockets;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Client.Phoenix;

/// <summary><c>[join_ref, ref, topic, event, payload]</c> in a text frame.</summary>
internal sealed class JsonFrameCodec : IFrameCodec
{
    public string Version => "2.0.0";

    public WebSocketMessageType MessageType => WebSocketMessageType.Text;

    public byte[] Encode(PhoenixFrame frame) => JsonWriting.Write(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(frame.JoinRef);
        writer.WriteStringValue(frame.Ref);
        writer.WriteStringValue(frame.Topic);
        writer.WriteStringValue(frame.Event);
        writer.WriteRawValue(frame.Payload.Span, skipInputValidation: true);
        writer.WriteEndArray();
    });

    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new Utf8JsonReader(message.Span, new JsonReaderOptions { MaxDepth = PayloadFormat.MaxDepth });
            reader.Read();
            var joinRef = Text(ref reader);
            var reference = Text(ref reader);
            var topic = Text(ref reader) ?? throw new LeveeTransportException("The server sent a frame without a topic.");
            var eventName = Text(ref reader) ?? throw new LeveeTransportException("The server sent a frame without an event.");
            var payload = JsonReading.ReadValue(ref reader, message);
            return new PhoenixFrame(joinRef, reference, topic, eventName, payload);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new LeveeTransportException("The server sent what is no JSON frame.", e);
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }
}
