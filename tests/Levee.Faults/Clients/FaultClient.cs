using System.Text.Json;
using Levee.Faults.Record;
using Levee.Testing;

namespace Levee.Faults.Clients;

/// <summary>
/// A client that behaves as Fluid's do: it connects again when it loses its connection, processes messages in order, fetches what it missed, and
/// sends what it has not seen sequenced once more when the log shows that its former self has left.
/// </summary>
internal partial class FaultClient : IFaultClient
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(60);

    private readonly SocketKind _socket;
    private readonly ClientRole _role;
    private readonly DeltaReader _deltas;
    private readonly CancellationTokenSource _leaving = new();
    private readonly HashSet<string> _ids = [];
    private readonly HashSet<string> _present = [];
    private WireConnection? _connection;
    private volatile string? _clientId;
    private long _lastSeen;
    private long _lastLive;
    private TaskCompletionSource _ready = NewReady();

    public FaultClient(RunState run, DocumentRecord document, string name, SocketKind socket, ClientRole role, int seed)
    {
        (Run, Document, Name, _socket, _role, Random) = (run, document, name, socket, role, new Random(seed));
        _deltas = new DeltaReader(run.Api, document.DocumentId);
    }

    public string Name { get; }

    public string DocumentId => Document.DocumentId;

    public bool IsMember => _role != ClientRole.Reader;

    public string? ClientId => _clientId;

    public long LastSeen => Interlocked.Read(ref _lastSeen);

    public virtual bool HasPending => PendingBatches > 0;

    public int Reconnects { get; private set; }

    public virtual SummaryPhase Phase => SummaryPhase.None;

    public string LastError { get; private set; } = "nothing";

    /// <summary>How many signals of others have come.</summary>
    public int Signals { get; private set; }

    protected RunState Run { get; }

    protected DocumentRecord Document { get; }

    // Of the writing loop.
    protected Random Random { get; }

    private CancellationToken Leaving => _leaving.Token;

    public async Task RunAsync()
    {
        while (!Leaving.IsCancellationRequested)
        {
            try
            {
                await LiveAsync();
                LastError = "the connection ended";
            }
            catch (ViolationException e)
            {
                Run.Violations.Report($"{Name}: {e.Message}");
                return;
            }
            catch (Exception e) when (Broken.Is(e))
            {
                LastError = e.Message;
            }
            catch (Exception e)
            {
                // The loop's one catch-all: a message that can not be read is the server's fault, or ours.
                Run.Violations.Report($"{Name}: {e}");
                return;
            }

            _clientId = null;
            await Task.WhenAny(Task.Delay(Random.Shared.Next(10, 60), Leaving));
        }
    }

    public async Task LeaveAsync(bool politely)
    {
        await _leaving.CancelAsync();
        if (_connection is { } connection)
        {
            try
            {
                await (politely ? connection.LeaveAsync() : Task.CompletedTask);
            }
            catch (Exception e) when (Broken.Is(e))
            {
                // It has gone by itself.
                LastError = e.Message;
            }

            connection.Abort();
        }
    }

    private static TaskCompletionSource NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task LiveAsync()
    {
        var generation = Run.Generation;
        await using var connection = await ConnectInTimeAsync();
        var isCertain = generation == Run.Generation;
        Document.Connected(connection.ClientId, new ClientIdentity(Name, isCertain ? generation : null));
        _ids.Add(connection.ClientId);
        _lastLive = 0;
        _ready = NewReady();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Leaving, Run.Violations.Found);
        _connection = connection;
        _clientId = connection.ClientId;
        var writing = IsMember ? WriteAsync(connection, over.Token) : Task.CompletedTask;
        try
        {
            await CatchUpAsync(connection.Start);
            while (!Leaving.IsCancellationRequested && await connection.NextAsync() is { } received)
            {
                await TakeAsync(received);
            }
        }
        finally
        {
            _clientId = null;
            Reconnects++;
            await over.CancelAsync();
            connection.Abort();
            await writing;
        }
    }

    /// <summary>Connects. A connection that comes too late is closed, or it would stay in the quorum though nobody reads it.</summary>
    private async Task<WireConnection> ConnectInTimeAsync()
    {
        var connecting = ConnectAsync();
        try
        {
            return await connecting.WaitAsync(ConnectPatience, Leaving);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            _ = connecting.ContinueWith(
                late => late.Result.DisposeAsync().AsTask(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private Task<WireConnection> ConnectAsync() => _socket == SocketKind.Phoenix
        ? PhoenixConnection.ConnectAsync(Run.Server, DocumentId, _role, LastSeen, Leaving)
        : SocketIoConnection.ConnectAsync(
            Run.Server, DocumentId, _role, Random.Shared.Next(6) == 0 ? SocketIoTransport.Polling : SocketIoTransport.WebSocket, Leaving);

    private async Task TakeAsync(WireEvent received)
    {
        switch (received)
        {
            case WireEvent.Ops ops:
                foreach (var message in ops.Messages.EnumerateArray())
                {
                    await TakeLiveAsync(message);
                }

                break;
            case WireEvent.Answered { Name: > 0 } answered:
                Document.Acknowledge(Name, answered.Name);
                break;
            case WireEvent.Refused refused:
                throw new ViolationException($"was refused: {refused.Text}");
            case WireEvent.Signalled signal:
                Signals++;
                if (!signal.Text.Contains(DocumentId, StringComparison.Ordinal))
                {
                    throw new ViolationException($"got a signal of another document: {signal.Text}");
                }

                break;
        }
    }

    private async Task TakeLiveAsync(JsonElement message)
    {
        Document.See(message, Name);
        var number = message.GetProperty("sequenceNumber").GetInt64();
        var expected = _lastLive > 0 ? _lastLive + 1 : _socket == SocketKind.Phoenix ? LastSeen + 1 : number;
        if (number != expected)
        {
            throw new ViolationException($"was sent message {number} where {expected} belongs");
        }

        _lastLive = number;
        await CatchUpAsync(number - 1);
        if (number > LastSeen)
        {
            Process(message);
        }
    }

    /// <summary>Fetches what is missing through a number. The server has it: it said so by sending what follows.</summary>
    private async Task CatchUpAsync(long through)
    {
        while (_socket == SocketKind.SocketIo && LastSeen < through)
        {
            var page = await _deltas.ReadPageAsync(LastSeen, through, RestClientKind.Fluid, Leaving);
            if (page.GetArrayLength() == 0)
            {
                throw new ViolationException($"{DocumentId}: the server has sent message {through + 1}, or counted so far, but deltas end at {LastSeen}");
            }

            foreach (var message in page.EnumerateArray())
            {
                Document.See(message, Name);
                if (message.GetProperty("sequenceNumber").GetInt64() != LastSeen + 1)
                {
                    throw new ViolationException($"deltas after {LastSeen} go on with {message.GetRawText()}");
                }

                Process(message);
            }
        }
    }

    /// <summary>Processes the next message.</summary>
    private void Process(JsonElement message)
    {
        Interlocked.Increment(ref _lastSeen);
        switch (message.GetProperty("type").GetString())
        {
            case "join":
                using (var data = JsonDocument.Parse(message.GetProperty("data").GetString()!))
                {
                    if (data.RootElement.GetProperty("clientId").GetString() is { } id && _ids.Contains(id))
                    {
                        _present.Add(id);
                    }
                }

                break;
            case "leave":
                _present.Remove(JsonSerializer.Deserialize<string>(message.GetProperty("data").GetString()!)!);
                break;
            case "op" when IsOwn(message):
                SeeOwn(message);
                break;
            default:
                See(message, IsOwn(message));
                break;
        }

        if (_clientId is { } current && _present.Count == 1 && _present.Contains(current))
        {
            _ready.TrySetResult();
        }
    }

    private bool IsOwn(JsonElement message) => message.GetProperty("clientId").GetString() is { } id && _ids.Contains(id);
}
