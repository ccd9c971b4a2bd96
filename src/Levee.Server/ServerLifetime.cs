using Levee.Gateway.Sockets;
using Levee.Identity;
using Levee.Sessions;
using Levee.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Levee.Server;

/// <summary>
/// What happens before the server listens, once it does, and when it is told to stop: sessions first, so that what clients have
/// sent is sequenced, durable and answered; then the sockets, with a word of goodbye; the store last, by its disposal.
/// </summary>
internal sealed partial class ServerLifetime(
    TenantDirectory tenants,
    RevocationList revocations,
    SessionDirectory sessions,
    SocketRegistry sockets,
    TokenMinter minter,
    DataDirectory data,
    IDocumentStore store,
    IServer server,
    IHostEnvironment environment,
    ILogger<ServerLifetime> logger) : IHostedLifecycleService
{
    private const string Goodbye = "server is shutting down";

    // Together under the five seconds that a stop may take.
    private static readonly TimeSpan SessionsDeadline = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan SocketsDeadline = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        // Its constructor opened it: a store that can not be opened ends the start before anything listens.
        _ = store;
        await tenants.LoadAsync(cancellationToken);
        await revocations.LoadAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        StartReport.Print(Console.Out, addresses, data.Path, tenants.All, environment, minter);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        LogStopping(logger, sessions.Count, sockets.Count);
        sockets.StopAccepting(Goodbye);
        try
        {
            await sessions.StopAsync().WaitAsync(SessionsDeadline, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What they still hold was never acknowledged; the next start replays the log instead of the checkpoint.
            LogSessionsLeft(logger, sessions.Count);
        }

        var left = await sockets.CloseAllAsync(Goodbye, SocketsDeadline);
        LogStopped(logger, left);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(300, LogLevel.Information, "Stopping: {Sessions} live documents, {Sockets} sockets")]
    private static partial void LogStopping(ILogger logger, int sessions, int sockets);

    [LoggerMessage(301, LogLevel.Warning, "{Sessions} documents did not end in time; nothing acknowledged is lost")]
    private static partial void LogSessionsLeft(ILogger logger, int sessions);

    [LoggerMessage(302, LogLevel.Information, "Stopped; {Sockets} sockets had to be cut")]
    private static partial void LogStopped(ILogger logger, int sockets);
}
