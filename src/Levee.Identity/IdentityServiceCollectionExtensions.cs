using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>Wires the room into a host.</summary>
public static class IdentityServiceCollectionExtensions
{
    /// <summary>
    /// Adds tenants, revocations, token verification and minting. The host brings an <see cref="Storage.ITenantStore"/> and an
    /// <see cref="Storage.IRevocationStore"/>, says where data protection keeps its key ring, and calls
    /// <see cref="TenantDirectory.LoadAsync"/> and <see cref="RevocationList.LoadAsync"/> before it listens.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// The whole configuration, environment included: <c>Levee:Identity</c>, <c>Levee:Admin</c>, <c>LEVEE_TENANT_ID</c>,
    /// <c>LEVEE_TENANT_KEY</c> and <c>LEVEE_ADMIN_KEY</c> are read from it.
    /// </param>
    public static IServiceCollection AddLeveeIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IdentityOptions>()
            .Bind(configuration.GetSection(IdentityOptions.Section))
            .Configure(options => IdentityEnvironment.AddTenant(configuration, options))
            .ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>());
        services.AddOptions<AdminOptions>()
            .Bind(configuration.GetSection(AdminOptions.Section))
            .Configure(options => options.Key = configuration[AdminOptions.KeyVariable] is { Length: > 0 } key ? key : options.Key)
            .ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AdminOptions>, AdminOptionsValidator>());
        services.AddDataProtection();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TenantIdGenerator>();
        services.TryAddSingleton<TenantDirectory>();
        services.TryAddSingleton<RevocationList>();
        services.TryAddSingleton<TokenVerifier>();
        services.TryAddSingleton<TokenMinter>();
        services.TryAddSingleton<AdminKey>();
        return services;
    }
}
