namespace Levee.Fuzz.Dialects;

/// <summary>A request before it is written.</summary>
/// <param name="Method">The method.</param>
/// <param name="Target">Path and query, as they go over the wire.</param>
/// <param name="Body">The body; empty for none.</param>
internal sealed record RestRequest(string Method, string Target, byte[] Body)
{
    /// <summary>Headers beside those that HTTP itself needs, as they go over the wire.</summary>
    internal IReadOnlyList<string> Headers { get; init; } = [];

    /// <summary>The request's own bytes, if it is not well-formed HTTP: then the web server itself may answer, or end the connection.</summary>
    internal byte[]? Raw { get; init; }

    /// <summary>Whether the server waits for more of it: nothing is answered, and the client goes away.</summary>
    internal bool IsUnfinished { get; init; }
}
