namespace Levee.Gateway.Health;

/// <summary>
/// A part of the server that knows whether it can serve. Asked as often as anybody likes, so it answers from what it knows; the framework's
/// health checks would do work, and log a line, each time.
/// </summary>
public interface IReadinessCheck
{
    /// <summary>The part, in one word.</summary>
    string Name { get; }

    /// <summary>Why it can not serve, in a sentence that anybody may read; null when it can.</summary>
    string? Problem { get; }
}
