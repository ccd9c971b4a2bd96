using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace Levee.Identity;

/// <summary>A token taken apart (RFC 7515, compact form) and not believed yet.</summary>
internal sealed class SignedToken
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

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
        if (parts.Length != 3
            || Decode(parts[0]) is not { } header
            || Decode(parts[1]) is not { } payload
            || Decode(parts[2]) is not { } signature)
        {
            return TokenFailure.InvalidToken("not a signed JWT of three base64url parts");
        }

        if (CheckHeader(header) is { } failure)
        {
            return failure;
        }

        token = new SignedToken(Encoding.ASCII.GetBytes(text, 0, text.LastIndexOf('.')), signature, payload);
        return null;
    }

    /// <summary>Whether one of the tenant's secrets made the signature; the library compares in constant time.</summary>
    public bool IsSignedBy(Tenant tenant) =>
        tenant.AcceptsAnyKey || IsSignedWith(tenant.SigningKey) || IsSignedWith(tenant.OtherKey);

    private bool IsSignedWith(SymmetricSecurityKey key)
    {
        using var provider = new SymmetricSignatureProvider(key, SecurityAlgorithms.HmacSha256, willCreateSignatures: false);
        return _signature.Length > 0 && provider.Verify(_signingInput, _signature);
    }

    /// <summary>
    /// The bytes of a part, if it is exactly how those bytes are written: decoders also take padding, white space and stray
    /// bits in the last character, and one token should have one spelling.
    /// </summary>
    private static byte[]? Decode(string part)
    {
        if (!Base64Url.IsValid(part))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(part);
        return Base64Url.EncodeToString(bytes) == part ? bytes : null;
    }

    // Read here and not by the library's JsonWebToken, which reads the payload too, before anyone has verified it, and
    // refuses registered claims by rules and with words of its own.
    private static TokenFailure? CheckHeader(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            var header = document.RootElement;
            if (header.ValueKind is not JsonValueKind.Object)
            {
                return TokenFailure.InvalidToken("header is not a JSON object");
            }

            // The algorithm is ours to choose, never the token's: "none" and asymmetric ones end here.
            if (!header.TryGetProperty("alg"u8, out var algorithm)
                || algorithm.ValueKind is not JsonValueKind.String
                || !algorithm.ValueEquals(SecurityAlgorithms.HmacSha256))
            {
                return TokenFailure.InvalidToken("the algorithm must be HS256");
            }

            // RFC 7515, 4.1.11: a critical extension that is not understood makes the token invalid; we know none.
            return header.TryGetProperty("crit"u8, out _)
                ? TokenFailure.InvalidToken("critical header extensions are not supported")
                : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name with half of a surrogate pair has no text.
            return TokenFailure.InvalidToken("header is not a JSON object");
        }
    }
}
