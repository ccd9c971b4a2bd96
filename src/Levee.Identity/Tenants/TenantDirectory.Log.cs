using Microsoft.Extensions.Logging;

namespace Levee.Identity;

public sealed partial class TenantDirectory
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Tenants loaded: {Created} created, {Configured} configured, {BuiltIn} built in")]
        public static partial void Loaded(ILogger logger, int created, int configured, int builtIn);

        [LoggerMessage(2, LogLevel.Information, "Generated a second secret for the configured tenant {TenantId}")]
        public static partial void SecondSecretGenerated(ILogger logger, string tenantId);

        [LoggerMessage(3, LogLevel.Warning, "Tenant {TenantId} is no longer configured: its tokens are refused")]
        public static partial void NoLongerConfigured(ILogger logger, string tenantId);

        [LoggerMessage(4, LogLevel.Information, "Tenant {TenantId} created")]
        public static partial void TenantCreated(ILogger logger, string tenantId);

        [LoggerMessage(5, LogLevel.Information, "Secret {Slot} of tenant {TenantId} regenerated")]
        public static partial void SecretRegenerated(ILogger logger, int slot, string tenantId);

        [LoggerMessage(6, LogLevel.Information, "Tenant {TenantId} deleted")]
        public static partial void TenantDeleted(ILogger logger, string tenantId);
    }
}
