using Levee.Fuzz.Dialects;
using Levee.Fuzz.Oracle;
using Levee.Gateway.Sockets;
using Levee.Sessions;
using Levee.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Levee.Fuzz;

/// <summary>
/// A whole run: a server, a document that nobody attacks with its witnesses, and for each dialect attackers and the rooms that they attack; at the end the
/// server must hold no more than before.
/// </summary>
internal sealed class FuzzRun : IAsyncDisposable
{
    private const int InputsPerConversation = 50;
    private const int ConversationsPerRoom = 60;
    private const int AttackersPerRoom = 8;
    private const string DistantDocument = "distant";

    // So many conversations of each dialect fill pools and caches before the first measurement.
    private const int WarmUpConversations = 20;

    private static readonly TimeSpan RestTimeout = TimeSpan.FromSeconds(120);

    private readonly FuzzOptions _options;
    private readonly LeveeTestServer _server;
    private readonly Findings _findings = new();
    private readonly LogWatch _log;
    private readonly Dictionary<string, long> _inputs;

    private FuzzRun(FuzzOptions options, LeveeTestServer server)
    {
        _options = options;
        _server = server;
        _inputs = options.Dialects.ToDictionary(dialect => dialect, _ => 0L);
        _log = new LogWatch(_findings, Planted.All);
        server.Services.GetRequiredService<ILoggerFactory>().AddProvider(_log);
    }

    /// <summary>How many inputs were sent so far.</summary>
    internal long Sent
    {
        get
        {
            lock (_inputs)
            {
                return _inputs.Values.Sum();
            }
        }
    }

    /// <summary>Starts a server that soon notices who is gone.</summary>
    internal static async Task<FuzzRun> StartAsync(FuzzOptions options) => new(options, await LeveeTestServer.StartAsync(new Dictionary<string, string>
    {
        ["Levee:Sessions:IdleUnloadTimeout"] = "00:00:01",
        ["Levee:SocketIo:PingInterval"] = "00:00:05",
        ["Levee:SocketIo:PingTimeout"] = "00:00:10",
        ["Levee:SocketIo:ConnectTimeout"] = "00:00:20",
        ["Levee:Storage:Synchronous"] = "Normal",
    }));

    /// <summary>Sends all inputs; stops early at the first findings.</summary>
    internal async Task<FuzzReport> RunAsync()
    {
        await AttackAsync(-1, WarmUpConversations, "warm-up");
        var before = await RestAsync();
        lock (_inputs)
        {
            Array.ForEach([.. _inputs.Keys], dialect => _inputs[dialect] = 0);
        }

        var clock = System.Diagnostics.Stopwatch.StartNew();
        await using (var distant = await Room.OpenAsync(_server, _findings, DistantDocument))
        {
            var attack = _options.Conversation is { } one ? AttackAsync(one, 1, "again") : AttackAsync(0, Conversations(), "room");
            while (await Task.WhenAny(attack, Task.Delay(TimeSpan.FromSeconds(1))) != attack)
            {
                await distant.PulseAsync();
            }

            await attack;
            await distant.CheckAsync();
        }

        clock.Stop();
        var after = await RestAsync(before);
        foreach (var growth in after.GrowthSince(before))
        {
            Report(growth);
        }

        return new FuzzReport(_inputs, clock.Elapsed, _log.Lines, before, after, _findings);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private long Conversations() => Math.Max(1, _options.Inputs / _options.Dialects.Count / InputsPerConversation);

    private Task AttackAsync(long first, long conversations, string rooms) =>
        Task.WhenAll(_options.Dialects.Select(dialect => Task.Run(() => AttackAsync(dialect, first, conversations, rooms))));

    private async Task AttackAsync(string dialect, long first, long conversations, string rooms)
    {
        for (long begin = 0; begin < conversations && _findings.All.Count == 0; begin += ConversationsPerRoom)
        {
            await using var room = await Room.OpenAsync(_server, _findings, $"{rooms}-{dialect}-{begin}");
            var next = first + begin - 1;
            var end = first + Math.Min(conversations, begin + ConversationsPerRoom);
            await Task.WhenAll(Enumerable.Range(0, AttackersPerRoom).Select(async _ =>
            {
                while (Interlocked.Increment(ref next) is var number && number < end && !_findings.IsFull)
                {
                    await ConverseAsync(room, dialect, number);
                }
            }));
            await room.CheckAsync();
        }
    }

    private async Task ConverseAsync(Room room, string dialect, long number)
    {
        var random = new Random(HashOf(_options.Seed, dialect, number));
        Conversation conversation = dialect switch
        {
            PhoenixConversation.Name => new PhoenixConversation(room, _findings, number, random),
            SocketIoConversation.Name => new SocketIoConversation(room, _findings, number, random),
            RestConversation.Name => new RestConversation(room, _findings, number, random),
            _ => throw new ArgumentOutOfRangeException(nameof(dialect), dialect, "No dialect."),
        };
        await conversation.RunAsync(InputsPerConversation);
        lock (_inputs)
        {
            _inputs[dialect] += conversation.Sent;
        }
    }

    // The same on every machine, which string.GetHashCode is not.
    private static int HashOf(int seed, string dialect, long number) =>
        dialect.Aggregate(unchecked((seed * 397) ^ (int)number), (hash, letter) => unchecked((hash * 31) + letter));

    /// <summary>Waits until the server holds no socket and no document any more, and measures what it holds then.</summary>
    /// <param name="before">What it should be back at: pools of buffers let go of what a busy time needed within a minute, a leak never does.</param>
    private async Task<Footprint> RestAsync(Footprint? before = null)
    {
        var sockets = _server.Services.GetRequiredService<SocketRegistry>();
        var sessions = _server.Services.GetRequiredService<SessionDirectory>();
        using var patience = new CancellationTokenSource(RestTimeout);
        using var period = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        try
        {
            while (sockets.Count > 0 || sessions.Count > 0 || (before is not null && Footprint.Measure().GrowthSince(before).Any()))
            {
                await period.WaitForNextTickAsync(patience.Token);
            }
        }
        catch (OperationCanceledException)
        {
            if (sockets.Count > 0 || sessions.Count > 0)
            {
                Report($"{sockets.Count} sockets and {sessions.Count} documents are live although everybody has gone");
            }
        }

        return Footprint.Measure();
    }

    private void Report(string what) => _findings.Add(new Finding(what, "rest of the server", -1, []));
}
