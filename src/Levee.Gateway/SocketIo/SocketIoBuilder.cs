using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Levee.Gateway.SocketIo;

/// <summary>Registers the handler; comes from <see cref="SocketIoExtensions.AddSocketIo"/>.</summary>
public sealed class SocketIoBuilder
{
    private readonly IServiceCollection _services;

    internal SocketIoBuilder(IServiceCollection services) => _services = services;

    /// <summary>Serves clients of the default namespace by a handler class; there is one such class, and the last one counts.</summary>
    /// <typeparam name="THandler">A class whose constructor takes a <see cref="SocketIoSocket"/> and services of the application.</typeparam>
    public SocketIoBuilder AddHandler<THandler>()
        where THandler : SocketIoHandler
    {
        var create = ActivatorUtilities.CreateFactory<THandler>([typeof(SocketIoSocket)]);
        _services.Replace(ServiceDescriptor.Singleton(new SocketIoHandlerFactory((services, socket) => create(services, [socket]))));
        return this;
    }
}
