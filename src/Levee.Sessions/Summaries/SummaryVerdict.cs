using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>What became of a proposed summary.</summary>
/// <param name="Commit">The commit that was written for it; null when it is refused.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
internal sealed record SummaryVerdict(ObjectId? Commit, string? Refusal)
{
    public static SummaryVerdict Accepted(ObjectId commit) => new(commit, null);

    public static SummaryVerdict Refused(string message) => new(null, message);
}
