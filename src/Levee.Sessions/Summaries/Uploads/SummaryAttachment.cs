namespace Levee.Sessions;

/// <summary>A blob that was uploaded before.</summary>
/// <param name="Id">Its object id, as the client wrote it.</param>
public sealed record SummaryAttachment(string Id) : SummaryNode;
