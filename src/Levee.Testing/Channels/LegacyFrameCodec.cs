using System.Net.WebSockets;
using System.Text.Json;
using Levee.Client;
using Levee.Client.Phoenix;
using Levee.Protocol;

namespace Levee.Testing;

/// <summary><c>{topic, event, payload, ref, join_ref}</c> in a text frame, as Phoenix 1.x clients write it.</summary>
internal sealed class LegacyFrameCodec : IFrameCodec
{
    public string? Version => null;

    public WebSocketMessageType MessageType => WebSocketMessageType.Text;

    public byte[] Encode(PhoenixFrame frame) => JsonWriting.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("topic", frame.Topic);
        writer.WriteString("event", frame.Event);
        writer.WriteRaw("payload", frame.Payload);
        writer.WriteString("ref", frame.Ref);
        writer.WriteString("join_ref", frame.JoinRef);
        writer.WriteEndObject();
    });

    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var document = JsonDocument.Parse(message);
            var root = document.RootElement;
            JsonReading.TryGetMember(message, "payload"u8, out var payload);
            return new PhoenixFrame(
                root.TryGetProperty("join_ref", out var joinRef) ? joinRef.GetString() : null,
                root.TryGetProperty("ref", out var reference) ? reference.GetString() : null,
                root.GetProperty("topic").GetString()!,
                root.GetProperty("event").GetString()!,
                payload);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new LeveeTransportException("The server sent what is no legacy frame.", e);
        }
    }
}
