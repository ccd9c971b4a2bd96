using Levee.Gateway.Documents;
using Levee.Gateway.Phoenix.Documents;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.Phoenix;

/// <summary>Adds the document channel.</summary>
public static class DocumentChannelExtensions
{
    /// <summary>Serves <c>document:{tenant}:{document}</c> topics.</summary>
    public static PhoenixBuilder AddDocumentChannel(this PhoenixBuilder phoenix, IServiceCollection services)
    {
        services.AddDocumentOptions();
        return phoenix.AddChannel<DocumentChannel>(DocumentTopic.Prefix);
    }
}
