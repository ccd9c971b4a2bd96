using System.Diagnostics;
using Levee.Client;
using Levee.Testing;

namespace Levee.Server.Tests.Restart;

/// <summary>A server that is killed, again and again, at any moment of its life: nothing that it said is ever untrue afterwards.</summary>
public sealed class KillTests : IAsyncDisposable
{
    // Kills that cut somebody's submission short; those at other moments come on top.
    private const int KillsInTheStream = 30;
    private const int MostKills = 70;
    private const int LongestStream = 150;

    private static readonly string[] Documents = ["first", "second"];

    private readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("LEVEE_TEST_SEED"), out var seed) ? seed : Random.Shared.Next();
    private readonly List<RecordingClient> _clients =
        [.. Documents.SelectMany(document => new[] { "ann", "bob", "eve" }.Select(name => new RecordingClient(document, $"{document}-{name}")))];

    private enum Moment
    {
        StartUp,
        Connecting,
        Streaming,
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task Keeps_all_that_was_acknowledged_or_seen_through_thirty_kills_in_the_stream_and_some_beside_it()
    {
        var random = new Random(_seed);
        // So many checkpoints that kills fall before, between and after them.
        await using var server = await LeveeServerProcess.StartAsync(
            new Dictionary<string, string> { ["Levee:Sessions:CheckpointInterval"] = "40", ["Logging:LogLevel:Levee"] = "Warning" }, Ct);
        var moment = Moment.Streaming;
        var (kill, inTheStream) = (0, 0);
        try
        {
            await CreateDocumentsAsync(server.Url);
            var startUp = TimeSpan.FromSeconds(1);
            for (; inTheStream < KillsInTheStream; kill++)
            {
                Assert.True(kill < MostKills, $"only {inTheStream} of {kill} kills cut a submission short");
                moment = kill == 0 || random.Next(4) > 0 ? Moment.Streaming : Moment.Connecting;
                if (await KillWhileAsync(server, moment, TimeSpan.FromMilliseconds(random.Next(LongestStream))))
                {
                    inTheStream++;
                }

                if (random.Next(5) == 0)
                {
                    kill++;
                    moment = Moment.StartUp;
                    await KillDuringStartAsync(server, startUp * random.NextDouble());
                }

                var watch = Stopwatch.StartNew();
                await server.StartAgainAsync(Ct);
                startUp = watch.Elapsed;
                await VerifyAsync(server.Url);
            }

            await ConvergeAsync(server.Url);
            Assert.All(_clients, client => Assert.NotEmpty(client.Acknowledged));
        }
        catch (Exception e) when (!Ct.IsCancellationRequested)
        {
            throw new InvalidOperationException(
                $"Failed after kill {kill} ({moment}). LEVEE_TEST_SEED={_seed} draws the same moments again.{Environment.NewLine}{server.Output}", e);
        }
    }

    private static async Task CreateDocumentsAsync(Uri server)
    {
        using var client = new LeveeClient(new LeveeClientOptions
        {
            ServerUrl = server,
            TenantId = TestTenants.Default.Id,
            TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.ReadWrite(documentId)),
        });
        foreach (var document in Documents)
        {
            await client.CreateDocumentAsync(document, cancellationToken: Ct);
        }
    }

    /// <summary>Kills the server; true when it cut short a submission that was sent to it since it started.</summary>
    private async Task<bool> KillWhileAsync(LeveeServerProcess server, Moment moment, TimeSpan delay)
    {
        var before = _clients.ConvertAll(client => client.Submitted.Count);
        Task writing;
        if (moment == Moment.Connecting)
        {
            writing = Task.WhenAll(_clients.Select(client => ConnectAndWriteAsync(client, server.Url)));
        }
        else
        {
            await ConvergeAsync(server.Url);
            writing = Task.WhenAll(_clients.Select(client => client.WriteAsync(int.MaxValue, Ct)));
        }

        // The moment of the kill is what the test is about.
        await Task.Delay(delay, Ct);
        await server.KillAsync(Ct);
        await writing;
        await Task.WhenAll(_clients.Select(client => client.EndAsync()));
        return _clients.Zip(before).Any(pair =>
            pair.First.Submitted.Count > pair.Second && !pair.First.Acknowledged.Contains(pair.First.Submitted[^1][0]));
    }

    private static async Task ConnectAndWriteAsync(RecordingClient client, Uri server)
    {
        try
        {
            await client.ConnectAsync(server, Ct);
        }
        catch (Exception e) when (RecordingClient.IsBroken(e) && !Ct.IsCancellationRequested)
        {
            // The server was gone before it answered.
            return;
        }

        await client.WriteAsync(int.MaxValue, Ct);
    }

    private static async Task KillDuringStartAsync(LeveeServerProcess server, TimeSpan delay)
    {
        var starting = server.StartAgainAsync(Ct);
        await Task.Delay(delay, Ct);
        await server.KillAsync(Ct);
        // It listened already, or it never did.
        await Task.WhenAny(starting);
    }

    /// <summary>Everybody comes back, gets what it missed, and nobody else is there.</summary>
    private async Task ConvergeAsync(Uri server)
    {
        await Task.WhenAll(_clients.Select(client => client.ConnectAsync(server, Ct)));
        foreach (var clients in _clients.GroupBy(client => client.DocumentId))
        {
            var log = await DocumentLog.ReadAsync(server, clients.Key, Ct);
            Assert.Equal(clients.Select(client => client.ClientId).Order(), log.Present.Order());
            foreach (var client in clients)
            {
                await client.SeesAsync(log.Messages.Count, Ct);
                Assert.Equal(log.Messages, client.Seen.Take(log.Messages.Count));
            }
        }
    }

    private async Task VerifyAsync(Uri server)
    {
        foreach (var clients in _clients.GroupBy(client => client.DocumentId))
        {
            var log = await DocumentLog.ReadAsync(server, clients.Key, Ct);
            var numbers = new Dictionary<string, long>();
            foreach (var (contents, sequenceNumber) in log.Ops)
            {
                Assert.True(numbers.TryAdd(contents, sequenceNumber), $"'{contents}' was sequenced twice");
            }

            foreach (var client in clients)
            {
                Assert.Empty(client.Refusals);
                Assert.Equal(client.Seen, log.Messages.Take(client.LastSeen));
                Assert.All(client.Acknowledged, contents => Assert.Contains(contents, numbers));
                Assert.All(client.Submitted, submission => RequireWhole(submission, numbers));
            }
        }
    }

    /// <summary>A submission is there as a whole, with nothing between its ops, or not at all.</summary>
    private static void RequireWhole(string[] submission, Dictionary<string, long> numbers)
    {
        var first = numbers.GetValueOrDefault(submission[0]);
        for (var i = 0; i < submission.Length; i++)
        {
            Assert.Equal(first == 0 ? 0 : first + i, numbers.GetValueOrDefault(submission[i]));
        }
    }
}
