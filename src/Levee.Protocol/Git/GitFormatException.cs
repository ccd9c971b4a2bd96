namespace Levee.Protocol.Git;

/// <summary>Bytes or values that are no git object, or one that <c>git fsck</c> would complain about.</summary>
/// <param name="message">Which rule is broken.</param>
public sealed class GitFormatException(string message) : FormatException(message);
