namespace Levee.Protocol.Git;

/// <summary>One name in a folder.</summary>
/// <param name="Mode">What it is.</param>
/// <param name="Name">Its name: one path segment.</param>
/// <param name="Id">The object: a tree for a directory, a blob otherwise.</param>
public sealed record GitTreeEntry(GitFileMode Mode, string Name, ObjectId Id);
