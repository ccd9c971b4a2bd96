namespace Levee.Client.Phoenix;

/// <summary>One Phoenix message, in whichever form it travels; the payload is JSON.</summary>
internal sealed record PhoenixFrame(string? JoinRef, string? Ref, string Topic, string Event, ReadOnlyMemory<byte> Payload);
