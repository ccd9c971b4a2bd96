using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Levee.Protocol;

namespace Levee.Testing;

/// <summary>
/// Tokens of all kinds, good and bad. They are signed here and not by the server's own minter, so that a server that mints and verifies
/// with the same mistake does not pass.
/// </summary>
public static class TestTokens
{
    private static readonly string[] Everything = [Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryRead, Scopes.SummaryWrite];

    /// <summary>A token that reads.</summary>
    public static string ReadOnly(string documentId, TestTenant? tenant = null) => Mint(documentId, [Scopes.DocRead], tenant);

    /// <summary>A token that reads and writes.</summary>
    public static string ReadWrite(string documentId, TestTenant? tenant = null) =>
        Mint(documentId, [Scopes.DocRead, Scopes.DocWrite], tenant);

    /// <summary>A token that reads, writes and summarizes.</summary>
    public static string FullAccess(string documentId, TestTenant? tenant = null) => Mint(documentId, Everything, tenant);

    /// <summary>A token that allows nothing.</summary>
    public static string WithoutScopes(string documentId, TestTenant? tenant = null) => Mint(documentId, [], tenant);

    /// <summary>A good token whose time is over.</summary>
    public static string Expired(string documentId, TestTenant? tenant = null) =>
        Mint(documentId, Everything, tenant, lifetime: TimeSpan.FromHours(-1));

    /// <summary>A good token that somebody else signed.</summary>
    public static string WrongSecret(string documentId, TestTenant? tenant = null) =>
        Sign(Claims(documentId, Everything, tenant ?? TestTenants.Default, TimeSpan.FromHours(1)), "another-secret-that-nobody-knows-0123456789");

    /// <summary>A good token that lacks a claim.</summary>
    /// <param name="documentId">The document.</param>
    /// <param name="claim">Such as <c>scopes</c> or <c>user</c>.</param>
    /// <param name="tenant">The tenant; <see cref="TestTenants.Default"/> when absent.</param>
    public static string Without(string documentId, string claim, TestTenant? tenant = null)
    {
        var claims = Claims(documentId, Everything, tenant ?? TestTenants.Default, TimeSpan.FromHours(1));
        claims.Remove(claim);
        return Sign(claims, (tenant ?? TestTenants.Default).Secret);
    }

    /// <summary>A token as wanted.</summary>
    /// <param name="documentId">The document; <c>""</c> for one that creates a document.</param>
    /// <param name="scopes">What it allows.</param>
    /// <param name="tenant">Who signs; <see cref="TestTenants.Default"/> when absent.</param>
    /// <param name="userId">Who it speaks for.</param>
    /// <param name="lifetime">How long from now; one hour when absent, in the past when negative.</param>
    public static string Mint(
        string documentId, IEnumerable<string> scopes, TestTenant? tenant = null, string userId = "test-user", TimeSpan? lifetime = null)
    {
        var claims = Claims(documentId, scopes, tenant ?? TestTenants.Default, lifetime ?? TimeSpan.FromHours(1));
        claims["user"] = new JsonObject { ["id"] = userId, ["name"] = userId };
        return Sign(claims, (tenant ?? TestTenants.Default).Secret);
    }

    /// <summary>Signs any payload at all.</summary>
    /// <param name="claims">The payload.</param>
    /// <param name="secret">The key, as text.</param>
    public static string Sign(JsonObject claims, string secret)
    {
        var unsigned = $"{Part("""{"alg":"HS256","typ":"JWT"}""")}.{Part(claims.ToJsonString())}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(unsigned));
        return $"{unsigned}.{Base64Url.EncodeToString(signature)}";
    }

    private static JsonObject Claims(string documentId, IEnumerable<string> scopes, TestTenant tenant, TimeSpan lifetime)
    {
        var expires = DateTimeOffset.UtcNow + lifetime;
        return new JsonObject
        {
            ["tenantId"] = tenant.Id,
            ["documentId"] = documentId,
            ["scopes"] = new JsonArray([.. scopes.Select(scope => (JsonNode)scope)]),
            ["user"] = new JsonObject { ["id"] = "test-user", ["name"] = "Test user" },
            ["iat"] = (expires - TimeSpan.FromHours(1)).ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["ver"] = "1.0",
            ["jti"] = Guid.NewGuid().ToString(),
        };
    }

    private static string Part(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
