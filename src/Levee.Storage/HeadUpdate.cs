using Levee.Protocol.Git;

namespace Levee.Storage;

/// <summary>A compare-and-set of a document's head.</summary>
/// <param name="Expected">Where the head must point now; null when the document must not have one.</param>
/// <param name="Target">The new commit.</param>
public sealed record HeadUpdate(ObjectId? Expected, ObjectId Target);
