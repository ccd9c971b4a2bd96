using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Testing;

namespace Levee.Server.Tests.Tokens;

/// <summary>Tokens as attackers make them.</summary>
internal static class Forged
{
    public const string Hs256 = """{"alg":"HS256","typ":"JWT"}""";

    /// <summary>Claims of a good token of the default tenant that may do everything.</summary>
    public static JsonObject Claims(string documentId)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        return new JsonObject
        {
            ["tenantId"] = TestTenants.Default.Id,
            ["documentId"] = documentId,
            ["scopes"] = new JsonArray("doc:read", "doc:write", "summary:read", "summary:write"),
            ["user"] = new JsonObject { ["id"] = "mallory" },
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["ver"] = "1.0",
        };
    }

    /// <summary>Good claims, but for one.</summary>
    public static string With(string documentId, string claim, string json)
    {
        var claims = Claims(documentId);
        claims.Remove(claim);
        return Make(Hs256, $$"""{"{{claim}}":{{json}},{{claims.ToJsonString()[1..]}}""");
    }

    /// <summary>Any header and payload, with an HS256 signature.</summary>
    public static string Make(string header, string payload, string? secret = null)
    {
        var input = Unsigned(header, payload);
        return $"{input}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret ?? TestTenants.Default.Secret), Encoding.ASCII.GetBytes(input)))}";
    }

    /// <summary>The two parts that a signature would follow.</summary>
    public static string Unsigned(string header, string payload) => $"{Part(header)}.{Part(payload)}";

    public static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    /// <summary>One token's claims with another's signature.</summary>
    public static string Swapped(string claims, string signature) =>
        $"{claims[..claims.LastIndexOf('.')]}{signature[signature.LastIndexOf('.')..]}";
}
