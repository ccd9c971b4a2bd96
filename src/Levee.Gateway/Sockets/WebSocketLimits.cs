using System.Net.WebSockets;

namespace Levee.Gateway.Sockets;

/// <summary>What a dialect accepts on a WebSocket.</summary>
/// <param name="MaxMessageBytes">The largest message; a larger one closes the socket with 1009 before anybody reads it.</param>
/// <param name="MessageType">The type of all messages, in both directions; the other one closes the socket with 1003.</param>
/// <param name="WrongTypeReason">What the peer is told then.</param>
/// <param name="CloseTimeout">How long the peer has to take the close frame and answer it before the connection is aborted.</param>
internal sealed record WebSocketLimits(
    int MaxMessageBytes, WebSocketMessageType MessageType, string WrongTypeReason, TimeSpan CloseTimeout);
