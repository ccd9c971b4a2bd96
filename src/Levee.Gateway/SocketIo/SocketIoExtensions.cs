using Levee.Gateway.Settings;
using Levee.Gateway.SocketIo.EngineIo;
using Levee.Gateway.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Levee.Gateway.SocketIo;

/// <summary>Adds Socket.IO 5 over Engine.IO 4 to a web application.</summary>
public static class SocketIoExtensions
{
    /// <summary>
    /// Adds the services; the handler class is added to what it returns. Options come from the configuration section
    /// <see cref="SocketIoOptions.Section"/> and then <paramref name="configure"/>, and are checked at start.
    /// </summary>
    public static SocketIoBuilder AddSocketIo(this IServiceCollection services, Action<SocketIoOptions>? configure = null)
    {
        services.AddCheckedOptions<SocketIoOptions, SocketIoOptionsValidator>(SocketIoOptions.Section, configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SocketRegistry>();
        services.TryAddSingleton<SocketIoSessions>();
        services.TryAddSingleton<EngineEndpoint>();
        return new SocketIoBuilder(services);
    }

    /// <summary>Serves Socket.IO clients at a path, such as <c>/socket.io/</c>, by WebSocket and by polling; needs no other middleware.</summary>
    /// <exception cref="InvalidOperationException">No handler was added.</exception>
    public static IEndpointConventionBuilder MapSocketIo(this IEndpointRouteBuilder endpoints, string pattern)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<SocketRegistry>()
            .SweepEvery(ShortestTime(services.GetRequiredService<IOptions<SocketIoOptions>>().Value) / 4);
        var endpoint = services.GetRequiredService<EngineEndpoint>();
        return endpoints.Map(pattern, AcceptedWebSocket.Pipeline(endpoints, endpoint.HandleAsync));
    }

    private static TimeSpan ShortestTime(SocketIoOptions options) =>
        new[] { options.PingInterval, options.PingTimeout, options.ConnectTimeout, options.UpgradeTimeout }.Min();
}
