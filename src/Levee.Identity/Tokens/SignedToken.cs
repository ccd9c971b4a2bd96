using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Levee.Identity;

/// <summary>A token taken apart (RFC 7515, compact form) and not believed yet.</summary>
internal sealed class SignedToken
{
    private readonly byte[] _signingInput;
    private readonly byte[] _signature;

    private SignedToken(byte[] signingInput, byte[] signature, byte[] payload)
    {
        _signingInput = signingInput;
        _signature = signature;
        Payload = payload;
    }

    /// <summary>The bytes that were signed as claims; not yet known to be JSON that we accept.</summary>
    public byte[] Payload { get; }

    /// <summary>Takes a text apart. Gives a failure, never an exception, whatever the text is.</summary>
    public static TokenFailure? Read(string text, out SignedToken? token)
    {
        token = null;
        var parts = text.Split('.');
        if (parts.Length != 3 || !parts.All(part => Base64Url.IsValid(part)))
        {
            return TokenFailure.InvalidToken("not a signed JWT of three base64url parts");
        }

        if (TryParse(text) is not { } jwt)
        {
            return TokenFailure.InvalidToken("header or payload is not a JSON object");
        }

        // The algorithm is ours to choose, never the token's: "none" and asymmetric ones end here.
        if (!string.Equals(jwt.Alg, SecurityAlgorithms.HmacSha256, StringComparison.Ordinal))
        {
            return TokenFailure.InvalidToken("the algorithm must be HS256");
        }

        // RFC 7515, 4.1.11: a critical extension that is not understood makes the token invalid; we know none.
        if (jwt.TryGetHeaderValue<object>("crit", out _))
        {
            return TokenFailure.InvalidToken("critical header extensions are not supported");
        }

        token = new SignedToken(
            Encoding.ASCII.GetBytes(text, 0, text.LastIndexOf('.')),
            Base64Url.DecodeFromChars(parts[2]),
            Base64Url.DecodeFromChars(parts[1]));
        return null;
    }

    /// <summary>Whether one of the tenant's secrets made the signature; the library compares in constant time.</summary>
    public bool IsSignedBy(Tenant tenant) =>
        tenant.AcceptsAnyKey || IsSignedWith(tenant.SigningKey) || IsSignedWith(tenant.OtherKey);

    private bool IsSignedWith(SymmetricSecurityKey key)
    {
        // Not from the factory's cache: it would keep the keys of deleted tenants and replaced secrets alive.
        using var provider = new SymmetricSignatureProvider(key, SecurityAlgorithms.HmacSha256, willCreateSignatures: false);
        return _signature.Length > 0 && provider.Verify(_signingInput, _signature);
    }

    private static JsonWebToken? TryParse(string text)
    {
        try
        {
            return new JsonWebToken(text);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or FormatException
            or InvalidOperationException)
        {
            // The library says "malformed" in several ways. What was wrong is in the text, which must not be repeated.
            return null;
        }
    }
}
