using Levee.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Levee.Sessions;

/// <summary>Wires the room into a host.</summary>
public static class SessionServiceCollectionExtensions
{
    /// <summary>Adds live documents. The host brings an <see cref="IDocumentStore"/>.</summary>
    public static IServiceCollection AddLeveeSessions(this IServiceCollection services)
    {
        services.AddOptions<SessionOptions>()
            .BindConfiguration(SessionOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new SessionServices
        {
            Store = provider.GetRequiredService<IDocumentStore>(),
            Options = provider.GetRequiredService<IOptions<SessionOptions>>().Value,
            Logger = provider.GetRequiredService<ILogger<DocumentSession>>(),
            Time = provider.GetRequiredService<TimeProvider>(),
        });
        services.TryAddSingleton<SessionDirectory>();
        return services;
    }
}
