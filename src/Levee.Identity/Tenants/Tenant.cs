using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Levee.Identity;

/// <summary>
/// A customer of the service: the owner of documents and of two secrets. Tokens are signed with the first and verified
/// with either, so that one can be regenerated without an outage. Immutable: a change makes a new tenant.
/// </summary>
public sealed class Tenant
{
    // The token library refuses HS256 keys below 256 bits, and Development has shorter ones ("12345"). HMAC itself pads a
    // key with zeros up to its block of 64 bytes (RFC 2104, section 2), so padding here changes no signature.
    private const int ShortestLibraryKey = 32;

    /// <summary>A tenant with its secrets in the clear; they never leave the process unprotected.</summary>
    /// <param name="id">See <see cref="TenantId"/> for the form.</param>
    /// <param name="name">The name its owner gave it.</param>
    /// <param name="secret1">The secret that signs.</param>
    /// <param name="secret2">The other secret that verifies.</param>
    /// <param name="origin">Where the tenant comes from.</param>
    /// <param name="acceptsAnyKey">Whether a token signed with any key is taken.</param>
    public Tenant(
        string id,
        string name,
        string secret1,
        string secret2,
        TenantOrigin origin = TenantOrigin.Created,
        bool acceptsAnyKey = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        ArgumentException.ThrowIfNullOrEmpty(secret1);
        ArgumentException.ThrowIfNullOrEmpty(secret2);
        Id = id;
        Name = name;
        Secret1 = secret1;
        Secret2 = secret2;
        Origin = origin;
        AcceptsAnyKey = acceptsAnyKey;
        SigningKey = KeyOf(secret1);
        OtherKey = KeyOf(secret2);
    }

    /// <summary>The id that topics, URLs and tokens carry.</summary>
    public string Id { get; }

    /// <summary>The name its owner gave it.</summary>
    public string Name { get; }

    /// <summary>The secret that signs tokens; its UTF-8 bytes are the key.</summary>
    public string Secret1 { get; }

    /// <summary>The other secret that verifies tokens.</summary>
    public string Secret2 { get; }

    /// <summary>Where the tenant comes from.</summary>
    public TenantOrigin Origin { get; }

    /// <summary>Whether any key verifies: the Development tenant <c>local</c> only, for clients in local mode.</summary>
    public bool AcceptsAnyKey { get; }

    internal SymmetricSecurityKey SigningKey { get; }

    internal SymmetricSecurityKey OtherKey { get; }

    /// <summary>The id and nothing else: secrets must not reach a log by accident.</summary>
    public override string ToString() => Id;

    internal Tenant With(SecretSlot slot, string secret) => slot is SecretSlot.First
        ? new Tenant(Id, Name, secret, Secret2, Origin, AcceptsAnyKey)
        : new Tenant(Id, Name, Secret1, secret, Origin, AcceptsAnyKey);

    private static SymmetricSecurityKey KeyOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        if (bytes.Length < ShortestLibraryKey)
        {
            Array.Resize(ref bytes, ShortestLibraryKey);
        }

        // The library's cache of signature providers would keep the keys of deleted tenants and replaced secrets alive.
        return new SymmetricSecurityKey(bytes)
        {
            CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
        };
    }
}
