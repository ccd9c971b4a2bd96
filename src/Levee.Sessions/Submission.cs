using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>The ops of one submit, sequenced one after the other with nothing between them.</summary>
/// <param name="Messages">The ops.</param>
/// <param name="HeldBytes">How much memory the ops keep alive: the payload that they are slices of.</param>
/// <param name="Tag">What the dialect needs to answer, such as the push's ref; the session does not look at it.</param>
public sealed record Submission(IReadOnlyList<DocumentMessage> Messages, long HeldBytes, object? Tag = null);
