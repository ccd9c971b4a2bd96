namespace Levee.Storage;

/// <summary>A tenant as it is kept: both signing secrets are encrypted before they come here.</summary>
/// <param name="Id">The tenant's id.</param>
/// <param name="Name">The name that its owner gave it.</param>
/// <param name="ProtectedSecret1">The first secret, encrypted.</param>
/// <param name="ProtectedSecret2">The second secret, encrypted.</param>
public sealed record StoredTenant(string Id, string Name, ReadOnlyMemory<byte> ProtectedSecret1, ReadOnlyMemory<byte> ProtectedSecret2);
