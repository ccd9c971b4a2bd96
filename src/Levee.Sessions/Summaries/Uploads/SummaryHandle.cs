using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>A part that is unchanged since an acknowledged summary.</summary>
/// <param name="Path">
/// Where it is: in the last one, or, in a list of entries, <c>handle/.app/path</c> with the handle of the summary's acknowledgement.
/// </param>
/// <param name="Kind">What it must be there; null when the client does not say.</param>
public sealed record SummaryHandle(string Path, GitObjectKind? Kind = null) : SummaryNode;
