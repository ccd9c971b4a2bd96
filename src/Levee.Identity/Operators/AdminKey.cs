using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>Tells operators from others by the key that the configuration holds. Any thread may ask.</summary>
public sealed class AdminKey
{
    private readonly byte[]? _hash;

    /// <summary>The configured key, kept as its hash.</summary>
    /// <param name="options">Holds the key, validated.</param>
    public AdminKey(IOptions<AdminOptions> options) => _hash = options.Value.Key is { } key ? HashOf(key) : null;

    /// <summary>Whether there is a key at all.</summary>
    public bool IsConfigured => _hash is not null;

    /// <summary>
    /// Whether a text is the key. Hashes are compared, in constant time: how long it takes says nothing about the key, nor about its
    /// length.
    /// </summary>
    /// <param name="presented">Anything that a client sends; null is no key.</param>
    public bool IsPresentedBy(string? presented) =>
        _hash is not null && presented is not null && CryptographicOperations.FixedTimeEquals(_hash, HashOf(presented));

    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
