using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Levee.Gateway.SocketIo;

/// <summary>Encodes Socket.IO packets of the default namespace, as the bytes of the Engine.IO message that carries them.</summary>
public static class SocketIoPackets
{
    // An Engine.IO message (4) that holds a Socket.IO disconnect (1).
    internal static readonly ReadOnlyMemory<byte> Disconnect = "41"u8.ToArray();

    /// <summary>An event without acknowledgement: <c>42["name",argument,...]</c>. The bytes may be sent to any number of sockets.</summary>
    /// <param name="name">The event's name.</param>
    /// <param name="arguments">One JSON value in valid UTF-8 each, trusted to be valid.</param>
    public static ReadOnlyMemory<byte> Event(string name, params ReadOnlySpan<ReadOnlyMemory<byte>> arguments)
    {
        var encodedName = JsonEncodedText.Encode(name).EncodedUtf8Bytes;
        var length = 6 + encodedName.Length;
        foreach (var argument in arguments)
        {
            length += 1 + argument.Length;
        }

        var packet = new ArrayBufferWriter<byte>(length);
        packet.Write("42[\""u8);
        packet.Write(encodedName);
        packet.Write("\""u8);
        foreach (var argument in arguments)
        {
            packet.Write(","u8);
            packet.Write(argument.Span);
        }

        packet.Write("]"u8);
        return packet.WrittenMemory;
    }

    internal static ReadOnlyMemory<byte> Acknowledgement(long id) => Encoding.ASCII.GetBytes($"43{id}[]");

    internal static ReadOnlyMemory<byte> Connected(string id) => Encoding.ASCII.GetBytes($$"""40{"sid":"{{id}}"}""");

    // The namespace is the client's own text, and comes back to it alone.
    internal static ReadOnlyMemory<byte> InvalidNamespace(ReadOnlySpan<byte> name) =>
        (byte[])[.. "44"u8, .. name, .. """,{"message":"Invalid namespace"}"""u8];
}
