using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>One entry of a tree.</summary>
/// <param name="Name">Its name within the tree; in a listing of several levels, its path.</param>
/// <param name="Mode">What it is.</param>
/// <param name="Id">The object that it names.</param>
public sealed record TreeEntry(string Name, TreeEntryMode Mode, ObjectId Id);
