namespace Levee.Protocol;

/// <summary>What a client sent, or what a store kept, does not have the shape that it must have. The message names the member and is safe to send back.</summary>
public sealed class MalformedMessageException(string message) : Exception(message);
