using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>The service itself as the author of commits: of initial, of acknowledged and of its own summaries.</summary>
public static class ServiceAuthor
{
    /// <summary>The service at a moment.</summary>
    public static GitSignature At(DateTimeOffset now) => new("Levee", "levee@localhost", now.ToUniversalTime());

    /// <summary>A commit that the service makes of a summary's root.</summary>
    /// <param name="root">The root tree.</param>
    /// <param name="head">The document's head until now, its one parent; null for a first version, which has none.</param>
    /// <param name="message">What the commit says.</param>
    /// <param name="now">When it is made.</param>
    public static GitObject Commit(ObjectId root, ObjectId? head, string message, DateTimeOffset now)
    {
        var author = At(now);
        return new GitCommit(root, head is { } parent ? [parent] : [], author, author, message).ToObject();
    }
}
