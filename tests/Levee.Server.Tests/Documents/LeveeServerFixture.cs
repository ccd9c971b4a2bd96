using Levee.Testing;

namespace Levee.Server.Tests.Documents;

/// <summary>One server for all tests of a class that need no settings of their own; each test makes a document of its own.</summary>
public sealed class LeveeServerFixture : IAsyncLifetime
{
    private LeveeTestServer? _server;

    public LeveeTestServer Server => _server ?? throw new InvalidOperationException("The server is not started.");

    public async ValueTask InitializeAsync() =>
        _server = await LeveeTestServer.StartAsync(cancellationToken: TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}
