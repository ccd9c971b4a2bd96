using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>An entry that a new tree shall have.</summary>
/// <param name="Path">Its name, or names separated by slashes to reach into subtrees.</param>
/// <param name="Mode">What it is.</param>
/// <param name="Target">The object's id, or its path in the last acknowledged summary of the client's document, such as <c>/.channels/abc</c>.</param>
public sealed record TreeChange(string Path, GitFileMode Mode, string Target);
