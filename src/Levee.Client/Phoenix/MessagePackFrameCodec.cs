using System.Buffers;
using System.Net.WebSockets;
using MessagePack;

namespace Levee.Client.Phoenix;

/// <summary>The same five elements as a MessagePack array in a binary frame.</summary>
internal sealed class MessagePackFrameCodec : IFrameCodec
{
    private const int Elements = 5;

    public string Version => "3.0.0";

    public WebSocketMessageType MessageType => WebSocketMessageType.Binary;

    public byte[] Encode(PhoenixFrame frame)
    {
        var output = new ArrayBufferWriter<byte>(256);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Elements);
        writer.Write(frame.JoinRef);
        writer.Write(frame.Ref);
        writer.Write(frame.Topic);
        writer.Write(frame.Event);
        PayloadFormat.WriteMessagePack(ref writer, frame.Payload);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public PhoenixFrame Decode(ReadOnlyMemory<byte> message)
    {
        try
        {
            var reader = new MessagePackReader(message);
            if (reader.ReadArrayHeader() != Elements)
            {
                throw new LeveeTransportException("The server sent a frame that has not five elements.");
            }

            return new PhoenixFrame(
                reader.ReadString(),
                reader.ReadString(),
                reader.ReadString() ?? throw new LeveeTransportException("The server sent a frame without a topic."),
                reader.ReadString() ?? throw new LeveeTransportException("The server sent a frame without an event."),
                PayloadFormat.ReadMessagePack(ref reader));
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
        {
            throw new LeveeTransportException("The server sent what is no MessagePack frame.", e);
        }
    }
}
