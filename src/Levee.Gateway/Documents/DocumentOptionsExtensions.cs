using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Levee.Gateway.Documents;

/// <summary>Adds what the dialects share.</summary>
internal static class DocumentOptionsExtensions
{
    /// <summary>Adds <see cref="DocumentOptions"/>, checked at start, and the <see cref="TokenWatch"/>; adding them twice is no error.</summary>
    public static IServiceCollection AddDocumentOptions(this IServiceCollection services)
    {
        services.AddOptions<DocumentOptions>().BindConfiguration(DocumentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.TryAddSingleton<TokenWatch>();
        return services;
    }
}
