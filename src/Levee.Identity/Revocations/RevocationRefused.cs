namespace Levee.Identity;

/// <summary>Nothing was revoked.</summary>
/// <param name="Refusal">Why, as a name.</param>
/// <param name="Message">Why, as a sentence for the operator; quotes neither tokens nor subjects.</param>
public sealed record RevocationRefused(RevocationRefusal Refusal, string Message) : RevocationOutcome;
