namespace Levee.Identity;

/// <summary>Nothing was changed.</summary>
/// <param name="Refusal">Why, as a name.</param>
/// <param name="Message">Why, as a sentence for the one who asked.</param>
public sealed record TenantRefused(TenantRefusal Refusal, string Message) : TenantOutcome;
