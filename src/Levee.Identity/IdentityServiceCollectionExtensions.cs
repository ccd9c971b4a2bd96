using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Identity;

/// <summary>Wires the room into a host.</summary>
public static class IdentityServiceCollectionExtensions
{
    /// <summary>
    /// Adds tenants, token verification and minting. The host brings an <see cref="Storage.ITenantStore"/>, says where data
    /// protection keeps its key ring, and calls <see cref="TenantDirectory.LoadAsync"/> before it listens.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configuration">
    /// The whole configuration, environment included: <c>Levee:Identity</c>, <c>LEVEE_TENANT_ID</c> and
    /// <c>LEVEE_TENANT_KEY</c> are read from it.
    /// </param>
    public static IServiceCollection AddLeveeIdentity(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<IdentityOptions>()
            .Bind(configuration.GetSection(IdentityOptions.Section))
            .Configure(options => IdentityEnvironment.AddTenant(configuration, options))
            .ValidateOnStart();
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<IdentityOptions>, IdentityOptionsValidator>());
        services.AddDataProtection();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TenantIdGenerator>();
        services.TryAddSingleton<TenantDirectory>();
        services.TryAddSingleton<TokenVerifier>();
        services.TryAddSingleton<TokenMinter>();
        return services;
    }
}
