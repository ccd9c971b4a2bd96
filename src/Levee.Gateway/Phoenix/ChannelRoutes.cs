namespace Levee.Gateway.Phoenix;

/// <summary>Which channel class serves a topic: the longest registered prefix decides.</summary>
internal sealed class ChannelRoutes
{
    private readonly ChannelRoute[] _routes;

    public ChannelRoutes(IEnumerable<ChannelRoute> routes) =>
        _routes = [.. routes.OrderByDescending(r => r.TopicPrefix.Length)];

    internal ChannelRoute? Find(string topic) =>
        Array.Find(_routes, r => topic.StartsWith(r.TopicPrefix, StringComparison.Ordinal));
}
