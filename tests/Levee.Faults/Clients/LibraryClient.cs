using System.Text.Json;
using Levee.Client;
using Levee.Faults.Record;
using Levee.Protocol;
using Levee.Testing;

namespace Levee.Faults.Clients;

/// <summary>A writer that leaves reconnecting and sending again to Levee's own client library, which promises to do each exactly once.</summary>
internal sealed class LibraryClient : IFaultClient
{
    private const int LongestPause = 60;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly RunState _run;
    private readonly DocumentRecord _record;
    private readonly Random _random;
    private readonly CancellationTokenSource _leaving = new();
    private LeveeDocument? _document;
    private long _lastSeen;
    private long _lastOwn;
    private volatile bool _hasPending;
    private int _connections;

    public LibraryClient(RunState run, DocumentRecord record, string name, int seed) =>
        (_run, _record, Name, _random) = (run, record, name, new Random(seed));

    public string Name { get; }

    public string DocumentId => _record.DocumentId;

    public bool IsMember => true;

    public string? ClientId => _document is { State: LeveeConnectionState.Connected } document ? document.Connection.ClientId : null;

    public long LastSeen => Interlocked.Read(ref _lastSeen);

    public bool HasPending => _hasPending;

    public int Reconnects => Math.Max(0, Volatile.Read(ref _connections) - 1);

    public SummaryPhase Phase => SummaryPhase.None;

    public string LastError { get; private set; } = "nothing";

    public async Task RunAsync()
    {
        using var client = new LeveeClient(new LeveeClientOptions
        {
            ServerUrl = _run.Server,
            TenantId = ServerApi.Tenant,
            TokenProvider = (documentId, _) => ValueTask.FromResult(TestTokens.FullAccess(documentId)),
            MinReconnectDelay = TimeSpan.FromMilliseconds(20),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(200),
        });
        try
        {
            await using var document = await ConnectAsync(client);
            _document = document;
            document.StateChanged += Count;
            Count(document.State);
            await Task.WhenAll(GuardAsync(ReadAsync(document)), GuardAsync(WriteAsync(document)));
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // It was told to leave before it was connected.
            LastError = "never connected";
        }
        finally
        {
            _document = null;
        }
    }

    public Task LeaveAsync(bool politely) => _leaving.CancelAsync();

    private async Task GuardAsync(Task work)
    {
        try
        {
            await work;
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            LastError = "it was told to leave";
        }
        catch (Exception e)
        {
            // The one catch-all: the library gives up on nothing that a dying server does.
            _run.Violations.Report($"{Name}: {e}");
        }
    }

    private void Count(LeveeConnectionState state)
    {
        if (state == LeveeConnectionState.Connected)
        {
            Interlocked.Increment(ref _connections);
        }
        else
        {
            LastError = state.ToString();
        }
    }

    /// <summary>The library tries the first connection once.</summary>
    private async Task<LeveeDocument> ConnectAsync(LeveeClient client)
    {
        while (true)
        {
            try
            {
                return await client.ConnectAsync(DocumentId, ConnectionMode.Write, _leaving.Token);
            }
            catch (LeveeTransportException e)
            {
                LastError = e.Message;
                await Task.Delay(Glance, _leaving.Token);
            }
        }
    }

    private async Task ReadAsync(LeveeDocument document)
    {
        var next = 1L;
        await foreach (var message in document.ReadMessagesAsync(after: 0, _leaving.Token))
        {
            var json = JsonSerializer.Deserialize<JsonElement>(message.Json.Span);
            _record.See(json, Name);
            if (message is { Type: MessageType.Op, IsOwn: true })
            {
                var op = OpContents.Read(json);
                if (op.By != Name || op.Number != next++)
                {
                    throw new ViolationException($"expected op {next - 1} of its own, not {json.GetRawText()}");
                }
            }

            Interlocked.Exchange(ref _lastSeen, message.SequenceNumber);
        }
    }

    private async Task WriteAsync(LeveeDocument document)
    {
        while (true)
        {
            await Task.Delay(_random.Next(LongestPause), _leaving.Token);
            if (!_run.IsWriting)
            {
                continue;
            }

            var ops = new LeveeOp[_random.Next(1, 5)];
            for (var i = 0; i < ops.Length; i++)
            {
                ops[i] = LeveeOp.Of(new OpContents(Name, ++_lastOwn, i, ops.Length, "«ü😀»").Write());
            }

            _hasPending = true;
            await document.SubmitBatchAsync(ops, _leaving.Token);
            _record.Acknowledge(Name, _lastOwn);
            _hasPending = false;
        }
    }
}
