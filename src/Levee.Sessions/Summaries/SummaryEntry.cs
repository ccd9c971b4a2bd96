using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>A part of a <see cref="SummarySnapshot"/>.</summary>
/// <param name="Path">Its path, such as <c>.app/.channels</c>, of names as they are stored.</param>
/// <param name="IsTree">Whether it is a tree; a blob otherwise.</param>
/// <param name="Id">The tree or blob.</param>
/// <param name="Unreferenced">Whether nothing refers to it any more.</param>
/// <param name="GroupId">The group of parts that are loaded together; null for none.</param>
public sealed record SummaryEntry(string Path, bool IsTree, ObjectId Id, bool Unreferenced = false, string? GroupId = null);
