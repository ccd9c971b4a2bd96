using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>The service itself as the author of commits: of initial and of acknowledged summaries.</summary>
public static class ServiceAuthor
{
    /// <summary>The service at a moment.</summary>
    public static GitSignature At(DateTimeOffset now) => new("Levee", "levee@localhost", now.ToUniversalTime());
}
