using Levee.Gateway.Phoenix.Serializers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.Phoenix;

/// <summary>Adds Phoenix Channels to a web application.</summary>
public static class PhoenixExtensions
{
    /// <summary>
    /// Adds the services; channel classes are added to what it returns. Options come from the configuration section
    /// <see cref="PhoenixOptions.Section"/> and then <paramref name="configure"/>, and are checked at start.
    /// </summary>
    public static PhoenixBuilder AddPhoenix(this IServiceCollection services, Action<PhoenixOptions>? configure = null)
    {
        var options = services.AddOptions<PhoenixOptions>().BindConfiguration(PhoenixOptions.Section).ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PhoenixOptions>, PhoenixOptionsValidator>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PhoenixSerializers>();
        services.TryAddSingleton<PhoenixSocketRegistry>();
        services.TryAddSingleton<ChannelRoutes>();
        services.TryAddSingleton<PhoenixEndpoint>();
        return new PhoenixBuilder(services);
    }

    /// <summary>Serves Phoenix sockets at a path, such as <c>/socket/websocket</c>; needs no other middleware.</summary>
    public static IEndpointConventionBuilder MapPhoenixSocket(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var endpoint = endpoints.ServiceProvider.GetRequiredService<PhoenixEndpoint>();
        var pipeline = endpoints.CreateApplicationBuilder();
        pipeline.Use(KeepHold);
        pipeline.UseWebSockets();
        pipeline.Run(endpoint.HandleAsync);

        return endpoints.MapMethods(pattern, ["GET"], pipeline.Build());
    }

    private static Task KeepHold(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<IHttpUpgradeFeature>() is { } upgrade)
        {
            context.Features.Set<IHttpUpgradeFeature>(new LingeringUpgrade(upgrade));
        }

        return next(context);
    }
}
