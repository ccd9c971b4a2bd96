using Microsoft.Extensions.Hosting;

namespace Levee.Gateway.Health;

/// <summary>Ready until the server is told to stop: whoever asks while it drains sends its clients elsewhere.</summary>
internal sealed class DrainingReadiness(IHostApplicationLifetime lifetime) : IReadinessCheck
{
    /// <inheritdoc/>
    public string Name => "draining";

    /// <inheritdoc/>
    public string? Problem => lifetime.ApplicationStopping.IsCancellationRequested ? "The server is shutting down." : null;
}
