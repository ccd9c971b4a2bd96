namespace Levee.Gateway.SocketIo.EngineIo;

/// <summary>A refused request, in the words of engine.io's own server: <c>{"code":n,"message":"..."}</c>.</summary>
internal sealed record EngineError(int StatusCode, int Code, string Message)
{
    internal static readonly EngineError UnknownTransport = new(400, 0, "Transport unknown");

    internal static readonly EngineError UnknownSession = new(400, 1, "Session ID unknown");

    internal static readonly EngineError BadHandshakeMethod = new(400, 2, "Bad handshake method");

    internal static readonly EngineError BadRequest = new(400, 3, "Bad request");

    internal static readonly EngineError UnsupportedVersion = new(400, 5, "Unsupported protocol version");

    // Engine.IO has no codes for these; 4 stands for what is forbidden.
    internal static readonly EngineError TooLarge = new(413, 3, "Payload too large");

    internal static readonly EngineError ShuttingDown = new(503, 4, "The server is shutting down. Try again later.");

    internal static readonly EngineError TooManySessions = new(503, 4, "Too many sessions. Try again later.");
}
