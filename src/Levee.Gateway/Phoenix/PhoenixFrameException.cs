using System.Net.WebSockets;

namespace Levee.Gateway.Phoenix;

/// <summary>
/// The peer sent bytes that are no frame of the agreed serialization. The socket is closed with
/// <see cref="CloseStatus"/> and the message as its reason; the message never quotes what was received.
/// </summary>
public sealed class PhoenixFrameException : FormatException
{
    /// <summary>Names what is wrong, and the close status that says so.</summary>
    public PhoenixFrameException(WebSocketCloseStatus closeStatus, string message)
        : base(message) => CloseStatus = closeStatus;

    /// <summary>1007 where the bytes cannot be decoded, 1002 where they decode to something that is no frame.</summary>
    public WebSocketCloseStatus CloseStatus { get; }

    internal static PhoenixFrameException NotUtf8() => Undecodable("text is not valid UTF-8");

    internal static PhoenixFrameException Undecodable(string message) =>
        new(WebSocketCloseStatus.InvalidPayloadData, message);

    internal static PhoenixFrameException WrongShape(string message) =>
        new(WebSocketCloseStatus.ProtocolError, message);

    internal static PhoenixFrameException TooDeep(int maxDepth) =>
        Undecodable($"nested deeper than {maxDepth} levels");

    internal static PhoenixFrameException NameTooLong(string element) =>
        WrongShape($"{element} is longer than {PhoenixFrame.MaxNameLength} characters");
}
