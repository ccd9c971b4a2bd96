using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace Levee.Identity;

/// <summary>
/// Encrypts secrets for the store. Each ciphertext is bound to its tenant and slot, so one that is moved to another row,
/// by mistake or on purpose, does not open.
/// </summary>
internal sealed class SecretProtection(IDataProtectionProvider provider)
{
    // Stored data depends on these words: another purpose opens nothing that was kept before.
    private const string Purpose = "Levee.Identity.TenantSecret.v1";

    public byte[] Protect(string tenantId, SecretSlot slot, string secret) =>
        For(tenantId, slot).Protect(Encoding.UTF8.GetBytes(secret));

    /// <exception cref="TenantLoadException">The key ring cannot open it.</exception>
    public string Unprotect(string tenantId, SecretSlot slot, ReadOnlyMemory<byte> protectedSecret)
    {
        try
        {
            return Encoding.UTF8.GetString(For(tenantId, slot).Unprotect(protectedSecret.ToArray()));
        }
        catch (CryptographicException exception)
        {
            throw new TenantLoadException(
                $"The stored secret {(int)slot} of tenant '{tenantId}' cannot be decrypted with the keys at hand. Restore the"
                + " data protection key ring that belongs to this store; if it is lost, remove the tenant's row from the store.",
                exception);
        }
    }

    private IDataProtector For(string tenantId, SecretSlot slot) =>
        provider.CreateProtector(Purpose, tenantId, ((int)slot).ToString(CultureInfo.InvariantCulture));
}
