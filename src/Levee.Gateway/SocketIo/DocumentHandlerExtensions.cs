using Levee.Gateway.Documents;
using Levee.Gateway.SocketIo.Documents;
using Microsoft.Extensions.DependencyInjection;

namespace Levee.Gateway.SocketIo;

/// <summary>Adds documents to Socket.IO.</summary>
public static class DocumentHandlerExtensions
{
    /// <summary>Serves the document events of Microsoft's Fluid clients.</summary>
    public static SocketIoBuilder AddDocuments(this SocketIoBuilder socketIo, IServiceCollection services)
    {
        services.AddDocumentOptions();
        return socketIo.AddHandler<DocumentHandler>();
    }
}
