using Levee.Gateway.Sockets;
using Microsoft.Extensions.Hosting;

namespace Levee.Gateway.Health;

/// <summary>Ready until the server is told to stop: whoever asks while it drains sends its clients elsewhere.</summary>
/// <remarks>A host that is stopped by its owner instead of by a signal turns sockets away before it says that it is stopping.</remarks>
internal sealed class DrainingReadiness(IHostApplicationLifetime lifetime, IEnumerable<SocketRegistry> sockets) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "draining";

    /// <inheritdoc/>
    public string? Problem => lifetime.ApplicationStopping.IsCancellationRequested || sockets.Any(registry => registry.IsShutDown)
        ? "The server is shutting down."
        : null;
}
