using Levee.Protocol;
using static Levee.Sessions.Tests.SessionHost;

namespace Levee.Sessions.Tests;

/// <summary>How many clients one document takes.</summary>
public sealed class ConnectionLimitTests
{
    [Fact]
    public async Task One_client_too_many_is_refused_until_another_leaves()
    {
        await using var host = await new SessionHost(options => options.MaxConnectionsPerDocument = 2).WithDocumentAsync();
        var (first, _) = await host.ConnectAsync();
        await host.ConnectAsync(ConnectionMode.Read);

        var refused = new RecordingClient();
        var connection = NewConnection(refused);
        await host.Directory.ConnectAsync(Key, connection);
        await refused.Until(() => refused.Refused is not null);
        Assert.Equal(ConnectRefusal.TooManyClients, refused.Refused);

        // It was never in the document, so its going changes nothing.
        await connection.DisconnectAsync();
        await first.DisconnectAsync();
        var (_, third) = await host.ConnectAsync();
        await third.UntilOps(1);
        var log = await host.ReadLogAsync();
        Assert.Equal(3, log.Count);
    }
}
