using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Phoenix;

/// <summary>Registers channel classes; comes from <see cref="PhoenixExtensions.AddPhoenix"/>.</summary>
public sealed class PhoenixBuilder
{
    private readonly IServiceCollection _services;

    internal PhoenixBuilder(IServiceCollection services) => _services = services;

    /// <summary>
    /// Serves topics with a prefix by a channel class, made for each join from the services of the socket's request and
    /// its <see cref="ChannelContext"/>.
    /// </summary>
    /// <param name="topicPrefix">Such as <c>document:</c>; of several that fit a topic the longest counts.</param>
    /// <typeparam name="TChannel">A class whose constructor takes a <see cref="ChannelContext"/> and services.</typeparam>
    public PhoenixBuilder AddChannel<TChannel>(string topicPrefix)
        where TChannel : PhoenixChannel
    {
        var create = ActivatorUtilities.CreateFactory<TChannel>([typeof(ChannelContext)]);
        return AddChannel(topicPrefix, (services, context) => create(services, [context]));
    }

    /// <summary>Serves topics with a prefix by what <paramref name="create"/> makes for each join.</summary>
    /// <param name="topicPrefix">Such as <c>document:</c>; of several that fit a topic the longest counts.</param>
    /// <param name="create">Makes the channel; an exception is answered as a crash of the join.</param>
    public PhoenixBuilder AddChannel(string topicPrefix, Func<IServiceProvider, ChannelContext, PhoenixChannel> create)
    {
        ArgumentException.ThrowIfNullOrEmpty(topicPrefix);
        _services.AddSingleton(new ChannelRoute(topicPrefix, create));
        return this;
    }
}
