using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Levee.Identity;

/// <summary>Makes tokens as clients and applications expect them (contract, section 5), signed with the first secret.</summary>
/// <param name="clock">When a token is issued.</param>
public sealed class TokenMinter(TimeProvider clock)
{
    private const string Version = "1.0";

    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    /// <summary>How long a token lives when nothing else is asked for: one hour.</summary>
    public static TimeSpan DefaultLifetime { get; } = TimeSpan.FromHours(1);

    /// <summary>A compact JWT, HS256, with a <c>jti</c> of its own.</summary>
    /// <param name="tenant">Who signs.</param>
    /// <param name="documentId">The one document it is for; <c>""</c> for a token that creates one.</param>
    /// <param name="user">Who it speaks for; the object goes in byte for byte.</param>
    /// <param name="scopes">What it allows, see <see cref="RoleScopes"/>.</param>
    /// <param name="lifetime">At least a second, in whole seconds; <see cref="DefaultLifetime"/> when absent.</param>
    /// <exception cref="ArgumentOutOfRangeException">The lifetime is shorter than a second.</exception>
    public string Mint(
        Tenant tenant, string documentId, TokenUser user, IEnumerable<string> scopes, TimeSpan? lifetime = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime ?? DefaultLifetime, TimeSpan.FromSeconds(1), nameof(lifetime));
        var payload = Payload(tenant, documentId, user, scopes, lifetime ?? DefaultLifetime);
        return _handler.CreateToken(payload, new SigningCredentials(tenant.SigningKey, SecurityAlgorithms.HmacSha256));
    }

    /// <summary>A token that reads (a viewer's).</summary>
    /// <inheritdoc cref="Mint" path="/param" />
    public string ReadOnly(Tenant tenant, string documentId, TokenUser user, TimeSpan? lifetime = null) =>
        Mint(tenant, documentId, user, RoleScopes.ReadOnly, lifetime);

    /// <summary>A token that reads and writes (a member's).</summary>
    /// <inheritdoc cref="Mint" path="/param" />
    public string ReadWrite(Tenant tenant, string documentId, TokenUser user, TimeSpan? lifetime = null) =>
        Mint(tenant, documentId, user, RoleScopes.ReadWrite, lifetime);

    /// <summary>A token that reads, writes and summarizes (an owner's or admin's).</summary>
    /// <inheritdoc cref="Mint" path="/param" />
    public string FullAccess(Tenant tenant, string documentId, TokenUser user, TimeSpan? lifetime = null) =>
        Mint(tenant, documentId, user, RoleScopes.FullAccess, lifetime);

    private string Payload(
        Tenant tenant, string documentId, TokenUser user, IEnumerable<string> scopes, TimeSpan lifetime)
    {
        var issuedAt = clock.GetUtcNow().ToUnixTimeSeconds();
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("tenantId"u8, tenant.Id);
            writer.WriteString("documentId"u8, documentId);
            writer.WriteStartArray("scopes"u8);
            foreach (var scope in scopes)
            {
                writer.WriteStringValue(scope);
            }

            writer.WriteEndArray();
            writer.WritePropertyName("user"u8);
            writer.WriteRawValue(user.Json.Span, skipInputValidation: true);
            writer.WriteNumber("iat"u8, issuedAt);
            writer.WriteNumber("exp"u8, issuedAt + (long)lifetime.TotalSeconds);
            writer.WriteString("ver"u8, Version);
            writer.WriteString("jti"u8, Guid.NewGuid().ToString());
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
