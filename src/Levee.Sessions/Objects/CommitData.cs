using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>What a commit says.</summary>
/// <param name="Tree">Its snapshot.</param>
/// <param name="Parents">The commits that it follows.</param>
/// <param name="Author">Who made the change.</param>
/// <param name="Committer">Who made the commit.</param>
/// <param name="Message">Its message.</param>
public sealed record CommitData(
    ObjectId Tree, IReadOnlyList<ObjectId> Parents, CommitAuthor Author, CommitAuthor Committer, string Message);
