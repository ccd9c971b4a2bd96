namespace Levee.Gateway.Phoenix;

/// <summary>
/// One message of the Phoenix Channels protocol, in either direction and in every serialization: the five elements
/// <c>[join_ref, ref, topic, event, payload]</c> of Phoenix's V2 serializer.
/// </summary>
/// <param name="JoinRef">The <c>ref</c> of the join that opened the channel; null where the client sent none.</param>
/// <param name="Ref">What the client wants its reply to carry; null for a push that is not to be answered.</param>
/// <param name="Topic">The channel's topic, at most <see cref="MaxNameLength"/> characters.</param>
/// <param name="Event">The event's name, at most <see cref="MaxNameLength"/> characters.</param>
/// <param name="Payload">
/// One JSON value in valid UTF-8. Of a received JSON frame it is a slice of the message: nothing has re-written it. The
/// memory belongs to this message alone and is never reused, so whoever handles the frame may keep slices of it.
/// </param>
public readonly record struct PhoenixFrame(
    string? JoinRef, string? Ref, string Topic, string Event, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The longest topic, event, ref or join_ref that is accepted, in UTF-16 characters.</summary>
    public const int MaxNameLength = 1024;
}
