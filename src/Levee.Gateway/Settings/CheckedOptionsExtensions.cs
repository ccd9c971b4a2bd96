using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Settings;

/// <summary>Adds the settings of a dialect.</summary>
internal static class CheckedOptionsExtensions
{
    /// <summary>
    /// Adds options that come from a section of the configuration and then <paramref name="configure"/>, and are checked at start. Adding them
    /// twice checks them once.
    /// </summary>
    /// <param name="services">Receives them.</param>
    /// <param name="section">The configuration section.</param>
    /// <param name="configure">Has the last word; null when nobody has.</param>
    /// <typeparam name="TOptions">The options.</typeparam>
    /// <typeparam name="TValidator">Says what is wrong with them.</typeparam>
    public static void AddCheckedOptions<TOptions, TValidator>(this IServiceCollection services, string section, Action<TOptions>? configure)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        var options = services.AddOptions<TOptions>().BindConfiguration(section).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidator>());
    }
}
