using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Documents;

/// <summary>Adds the settings that the dialects share.</summary>
internal static class DocumentOptionsExtensions
{
    /// <summary>Adds <see cref="DocumentOptions"/>, checked at start; adding them twice is no error.</summary>
    public static IServiceCollection AddDocumentOptions(this IServiceCollection services)
    {
        services.AddOptions<DocumentOptions>().BindConfiguration(DocumentOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        return services;
    }
}
