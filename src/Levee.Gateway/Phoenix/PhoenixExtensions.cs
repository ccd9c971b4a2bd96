using Levee.Gateway.Phoenix.Serializers;
using Levee.Gateway.Settings;
using Levee.Gateway.Sockets;
using Microsoft.AspNetCore.Builder;
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
        services.AddCheckedOptions<PhoenixOptions, PhoenixOptionsValidator>(PhoenixOptions.Section, configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<PhoenixSerializers>();
        services.TryAddSingleton<SocketRegistry>();
        services.TryAddSingleton<ChannelRoutes>();
        services.TryAddSingleton<PhoenixEndpoint>();
        return new PhoenixBuilder(services);
    }

    /// <summary>Serves Phoenix sockets at a path, such as <c>/socket/websocket</c>; needs no other middleware.</summary>
    public static IEndpointConventionBuilder MapPhoenixSocket(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<SocketRegistry>()
            .SweepEvery(services.GetRequiredService<IOptions<PhoenixOptions>>().Value.IdleTimeout / 4);
        var endpoint = services.GetRequiredService<PhoenixEndpoint>();
        return endpoints.MapMethods(pattern, ["GET"], AcceptedWebSocket.Pipeline(endpoints, endpoint.HandleAsync));
    }
}
