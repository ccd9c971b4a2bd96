namespace Levee.Gateway.Phoenix;

/// <summary>A channel class and the topics that it serves.</summary>
/// <param name="TopicPrefix">What the topics begin with, such as <c>document:</c>.</param>
/// <param name="Create">Makes a channel for one join, from the socket's services.</param>
internal sealed record ChannelRoute(string TopicPrefix, Func<IServiceProvider, ChannelContext, PhoenixChannel> Create);
