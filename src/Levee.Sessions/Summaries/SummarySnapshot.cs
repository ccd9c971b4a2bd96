using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>A stored summary as a list: what a client loads at once. Blobs are named, not held.</summary>
/// <param name="Id">The version: a commit or, for what was only uploaded, a tree.</param>
/// <param name="Tree">Its root tree.</param>
/// <param name="SequenceNumber">What it covers, by its <c>.protocol/attributes</c>; 0 where it has none.</param>
/// <param name="Entries">The app's parts under <c>.app</c>, then the service's that clients read; each tree before what is in it.</param>
public sealed record SummarySnapshot(ObjectId Id, ObjectId Tree, long SequenceNumber, IReadOnlyList<SummaryEntry> Entries)
{
    /// <summary>The blobs, each once, in the order of the entries.</summary>
    public IEnumerable<ObjectId> Blobs => Entries.Where(entry => !entry.IsTree).Select(entry => entry.Id).Distinct();
}
