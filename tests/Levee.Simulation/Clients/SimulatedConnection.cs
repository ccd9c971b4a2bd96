using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>
/// One connection of a client to a process: the network between them, in order in either direction, and at the server's end what a
/// gateway has: a loop that hands over one thing after the other, and a bounded outbox.
/// </summary>
internal sealed class SimulatedConnection : IDocumentClient
{
    private readonly Simulation _simulation;
    private readonly SimulatedClient _client;
    private readonly DocumentConnection _session;
    private readonly SeededRandom _random;
    private readonly int _outboxLimit;
    private readonly Queue<Func<Task>> _toServer = new();
    private readonly Queue<Func<Task>> _arrived = new();
    private readonly Queue<Action> _outbox = new();
    private TaskCompletionSource<IDisposable?>? _waitingForTurn;
    private bool _isPumping;
    private bool _isDelivering;
    private bool _isCut;
    private bool _isClosedByClient;
    private bool _isFrozen;
    private bool _isGone;

    public SimulatedConnection(Simulation simulation, SimulatedClient client, SimulatedProcess process, ConnectionMode mode, long? lastSeen)
    {
        _simulation = simulation;
        _client = client;
        _random = simulation.Random.Fork();
        Process = process;
        Number = simulation.Checker.NextConnection();
        _outboxLimit = _random.Pick([8, 64, 1024]);
        string[] scopes = client.MaySummarize ? [Scopes.DocRead, Scopes.DocWrite, Scopes.SummaryWrite] : [Scopes.DocRead, Scopes.DocWrite];
        var detail = ClientDetail.Create(client.Record, User(), scopes, mode);
        _session = new DocumentConnection(this, detail, client.MaySummarize, lastSeen);
        Record = new ConnectionRecord(this, client, mode, client.MaySummarize, lastSeen);
        process.Connections.Add(this);
        simulation.Checker.Opened(Record);
    }

    public int Number { get; }

    public SimulatedProcess Process { get; }

    public DocumentKey Document => _client.Document;

    /// <summary>The connection as the checker knows it.</summary>
    public ConnectionRecord Record { get; }

    /// <summary>The id that the session gave it; empty before.</summary>
    public string ClientId => _session.ClientId;

    /// <summary>True once nothing more comes to the session from here, or goes from it to the client.</summary>
    public bool IsGone => _isGone || !Process.IsAlive;

    // The client's end.

    public void Open() => Send(() => Process.Directory.ConnectAsync(Document, _session).AsTask());

    public void Submit(SubmittedBatch batch) => Send(async () =>
    {
        Record.Submitting(batch);
        await _session.SubmitAsync(batch.ToSubmission());
    });

    public void UpdateReference(long referenceSequenceNumber) => Send(async () =>
    {
        Record.Claiming(referenceSequenceNumber);
        await _session.UpdateReferenceAsync(referenceSequenceNumber);
    });

    public void Signal(IReadOnlyList<Signal> signals) => Send(async () => await _session.SignalAsync(signals, signals.Sum(signal => signal.Content.Length)));

    public void RequestOps(long after) => Send(async () =>
    {
        Record.Requesting(after);
        await _session.RequestOpsAsync(after);
    });

    /// <summary>Stores what a summary is made of, by way of the same process, and says whether that worked.</summary>
    public void Upload(IReadOnlyCollection<Protocol.Git.GitObject> objects, Action uploaded) => Send(async () =>
    {
        try
        {
            await Process.Store.PutObjectsAsync(Document.TenantId, objects, CancellationToken.None);
        }
        catch (Storage.StorageException)
        {
            return;
        }

        Post(uploaded);
    });

    /// <summary>Says goodbye, and listens no more.</summary>
    public void Close()
    {
        Send(DisconnectAsync);
        _isClosedByClient = true;
    }

    /// <summary>The network goes: what is on its way is lost, and both ends find out, each in its own time.</summary>
    public void Drop()
    {
        if (_isCut)
        {
            return;
        }

        _isCut = true;
        _toServer.Clear();
        _simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(2)), ClientNotices);
        _simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(5)), () => Arrive(DisconnectAsync), Process);
    }

    /// <summary>The client stops reading for a while.</summary>
    public void Freeze(TimeSpan time)
    {
        _isFrozen = true;
        _simulation.Scheduler.After(time, Thaw);
    }

    public void Thaw()
    {
        _isFrozen = false;
        DeliverLater();
    }

    /// <summary>The process is dead: the client finds its connection closed.</summary>
    public void ProcessDied()
    {
        Record.IsGone = true;
        _simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(1)), ClientNotices);
    }

    private void Send(Func<Task> request)
    {
        if (_isCut || _isClosedByClient)
        {
            return;
        }

        _toServer.Enqueue(request);
        _simulation.Scheduler.After(
            _random.UpTo(_simulation.Faults.NetworkLatency),
            () =>
            {
                if (_toServer.TryDequeue(out var next))
                {
                    Arrive(next);
                }
            },
            Process);
    }

    private void ClientNotices()
    {
        _isCut = true;
        if (!_isClosedByClient)
        {
            _isClosedByClient = true;
            _client.Disconnected(this);
        }
    }

    // The server's end.

    private void Arrive(Func<Task> request)
    {
        if (_isGone || !Process.IsAlive)
        {
            return;
        }

        _arrived.Enqueue(request);
        if (!_isPumping)
        {
            _isPumping = true;
            Process.Run(PumpAsync);
        }
    }

    private async Task PumpAsync()
    {
        while (_arrived.TryDequeue(out var request))
        {
            await request();
        }

        _isPumping = false;
    }

    private async Task DisconnectAsync()
    {
        Leave();
        await _session.DisconnectAsync();
    }

    private void Leave()
    {
        _isGone = true;
        Record.IsGone = true;
        _outbox.Clear();
        _waitingForTurn?.TrySetResult(null);
        _waitingForTurn = null;
    }

    /// <summary>Puts something into the outbox; a client that lets it fill up is cut.</summary>
    private void Post(Action message)
    {
        if (_isGone)
        {
            return;
        }

        if (_outbox.Count >= _outboxLimit)
        {
            _simulation.Statistics.Count("slow readers cut");
            Leave();
            _arrived.Clear();
            _arrived.Enqueue(DisconnectAsync);
            if (!_isPumping)
            {
                _isPumping = true;
                Process.Run(PumpAsync);
            }

            _simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(1)), ClientNotices);
            return;
        }

        _outbox.Enqueue(message);
        DeliverLater();
    }

    private void DeliverLater()
    {
        if (!_isDelivering && !_isFrozen && !_isCut && _outbox.Count > 0)
        {
            _isDelivering = true;
            _simulation.Scheduler.After(_random.UpTo(_simulation.Faults.NetworkLatency), DeliverSome);
        }
    }

    private void DeliverSome()
    {
        _isDelivering = false;
        for (var left = _random.Between(1, 16); left > 0 && !_isFrozen && !_isCut && _outbox.TryDequeue(out var message); left--)
        {
            if (!_isClosedByClient)
            {
                message();
            }
        }

        if (_outbox.Count <= _outboxLimit / 2 && _waitingForTurn is { } waiting)
        {
            _waitingForTurn = null;
            waiting.TrySetResult(Turn.Instance);
        }

        DeliverLater();
    }

    // What the session calls.

    public void OnConnected(ConnectedDocument document)
    {
        Enter("connected");
        Record.Connected(document);
        Post(() => _client.Connected(this, document));
    }

    public void OnRefused(ConnectRefusal refusal)
    {
        Enter("refused");
        Record.Refused(refusal);
        Post(() => _client.Refused(this, refusal));
    }

    public void OnOps(OpsBroadcast ops)
    {
        Enter("ops");
        foreach (var deltas in Defects.Mangle(_simulation, _random, ops.Deltas))
        {
            Record.Told(deltas);
            Post(() => _client.Ops(this, deltas));
        }
    }

    public void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks)
    {
        Enter("submitted");
        var batch = (SubmittedBatch)submission.Tag!;
        Record.Answered(batch, nacks);
        if (nacks.Count > 0)
        {
            _simulation.Statistics.Count("nacks", nacks.Count);
            Post(() => _client.Nacked(this));
        }
    }

    public void OnSignal(SignalBroadcast signal)
    {
        Enter("signal");
        Record.Signalled(signal);
        Post(() => { });
    }

    public void OnSessionEnded(SessionEnd end)
    {
        Enter("ended");
        Record.Ended(end);
        Post(() =>
        {
            _isClosedByClient = true;
            _client.Disconnected(this);
        });
    }

    public ValueTask<IDisposable?> TakeTurnAsync()
    {
        _simulation.Scheduler.RequireOwnThread();
        if (_isGone)
        {
            return ValueTask.FromResult<IDisposable?>(null);
        }

        if (_outbox.Count <= _outboxLimit / 2)
        {
            return ValueTask.FromResult<IDisposable?>(Turn.Instance);
        }

        _waitingForTurn = new TaskCompletionSource<IDisposable?>();
        return new ValueTask<IDisposable?>(_waitingForTurn.Task);
    }

    private void Enter(string what)
    {
        _simulation.Scheduler.RequireOwnThread();
        _simulation.Trace.Add(_simulation.Scheduler, what, Number, Record.LastTold);
    }

    private byte[] User() => System.Text.Encoding.UTF8.GetBytes($$"""{"id":"{{Number}}"}""");

    private sealed class Turn : IDisposable
    {
        public static Turn Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
