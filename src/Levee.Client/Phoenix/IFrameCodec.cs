using System.Net.WebSockets;

namespace Levee.Client.Phoenix;

/// <summary>One of the forms in which Phoenix frames travel.</summary>
internal interface IFrameCodec
{
    /// <summary>The <c>vsn</c> that asks for this form; null is the one without.</summary>
    string? Version { get; }

    WebSocketMessageType MessageType { get; }

    byte[] Encode(PhoenixFrame frame);

    /// <summary>Reads one whole message.</summary>
    /// <exception cref="LeveeTransportException">It is no frame.</exception>
    PhoenixFrame Decode(ReadOnlyMemory<byte> message);
}
