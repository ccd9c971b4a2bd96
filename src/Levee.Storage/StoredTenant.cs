namespace Levee.Storage;

/// <summary>
/// A tenant as it is kept. The secrets are ciphertext: only the identity room holds the keys that open them. A secret is
/// empty when it is not ours to keep (the configuration holds it).
/// </summary>
/// <param name="Id">The tenant's id, unique in the store.</param>
/// <param name="Name">The name its owner gave it.</param>
/// <param name="ProtectedSecret1">The first secret, encrypted; may be empty.</param>
/// <param name="ProtectedSecret2">The second secret, encrypted; may be empty.</param>
public sealed record StoredTenant(
    string Id,
    string Name,
    ReadOnlyMemory<byte> ProtectedSecret1,
    ReadOnlyMemory<byte> ProtectedSecret2);
