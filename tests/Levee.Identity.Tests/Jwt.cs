using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Levee.Identity.Tests;

/// <summary>Makes tokens by hand, right and wrong ones, without the code under test.</summary>
internal static class Jwt
{
    public const string Hs256 = """{"alg":"HS256","typ":"JWT"}""";

    public static string Sign(string payload, string secret, string header = Hs256) =>
        Sign(Encoding.UTF8.GetBytes(payload), secret, header);

    public static string Sign(byte[] payload, string secret, string header = Hs256)
    {
        var input = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(payload)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(input));
        return $"{input}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Complete claims for document d of tenant acme, in force for an hour by the host's clock.</summary>
    public static JsonObject Claims(IdentityHost host, params string[] scopes)
    {
        var now = host.Clock.GetUtcNow().ToUnixTimeSeconds();
        return new JsonObject
        {
            ["tenantId"] = "acme",
            ["documentId"] = "d",
            ["scopes"] = new JsonArray([.. scopes.Select(scope => (JsonNode)scope)]),
            ["user"] = new JsonObject { ["id"] = "u1" },
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["ver"] = "1.0",
        };
    }
}
