namespace Levee.Testing;

/// <summary>A tenant and the secret that signs for it.</summary>
/// <param name="Id">The tenant's id.</param>
/// <param name="Secret">Its first secret.</param>
public sealed record TestTenant(string Id, string Secret);
