using System.Net.WebSockets;

namespace Levee.Gateway.Phoenix.Serializers;

/// <summary>
/// One serialization of Phoenix frames. Stateless and safe for any number of threads; an application has one instance of
/// each, so that the instance itself is the key under which a frame encoded once for many sockets is kept.
/// </summary>
public interface IPhoenixSerializer
{
    /// <summary>What the client asks for by <c>?vsn=</c>, such as <c>2.0.0</c>.</summary>
    string Version { get; }

    /// <summary>The WebSocket message type of every frame, both ways.</summary>
    WebSocketMessageType MessageType { get; }

    /// <summary>Reads one received message.</summary>
    /// <param name="message">The whole message; the frame's payload may be a slice of it.</param>
    /// <exception cref="PhoenixFrameException">The bytes are no frame. Nothing else is ever thrown.</exception>
    PhoenixFrame Decode(ReadOnlyMemory<byte> message);

    /// <summary>Encodes a push or, without <paramref name="joinRef"/>, a broadcast that every socket of this serializer may share.</summary>
    /// <param name="topic">The channel's topic.</param>
    /// <param name="eventName">The event's name.</param>
    /// <param name="payloadJson">One JSON value in UTF-8, trusted to be valid; empty stands for <c>{}</c>.</param>
    /// <param name="joinRef">The join that the push belongs to; null reaches whichever join the client has.</param>
    /// <param name="reference">The frame's <c>ref</c>: null for all but <c>phx_close</c> and <c>phx_error</c>.</param>
    ReadOnlyMemory<byte> EncodePush(
        string topic, string eventName, ReadOnlySpan<byte> payloadJson, string? joinRef = null, string? reference = null);

    /// <summary>Encodes a <c>phx_reply</c> with the payload <c>{status, response}</c>.</summary>
    /// <param name="topic">The topic of the push that is answered.</param>
    /// <param name="joinRef">The join_ref of the push that is answered.</param>
    /// <param name="reference">The ref of the push that is answered.</param>
    /// <param name="status">Whether the push succeeded.</param>
    /// <param name="responseJson">One JSON value in UTF-8, trusted to be valid; empty stands for <c>{}</c>.</param>
    ReadOnlyMemory<byte> EncodeReply(
        string topic, string? joinRef, string? reference, ReplyStatus status, ReadOnlySpan<byte> responseJson);
}
