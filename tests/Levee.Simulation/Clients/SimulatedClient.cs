using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>
/// A client as stock ones are: it keeps what it has seen across connections, comes back with a new id, catches up, and submits again what it
/// has not seen, once its former connection is known to be gone. What it does of its own accord is in <c>SimulatedClient.Acts.cs</c>.
/// </summary>
internal sealed partial class SimulatedClient
{
    private readonly Simulation _simulation;
    private readonly SeededRandom _random;
    private readonly List<PendingOp> _pending = [];

    // Ids under which something was submitted, and whose leave has not been seen.
    private readonly HashSet<string> _unsettled = new(StringComparer.Ordinal);
    private SimulatedConnection? _connection;
    private long? _seen;
    private long _readyAt;
    private string _clientId = "";
    private long _clientSequenceNumber;
    private bool _isConnected;
    private bool _isLive;
    private bool _isRetired;
    private string _head = "";
    private int _made;

    public SimulatedClient(Simulation simulation, int number, DocumentKey document)
    {
        _simulation = simulation;
        _random = simulation.Random.Fork();
        Number = number;
        Document = document;
        MaySummarize = _random.Chance(0.3);
        _isReader = _random.Chance(0.25);
        _pause = TimeSpan.FromMilliseconds(_random.Pick([2, 20, 200, 1_000]));
        _seen = _random.Chance(0.5) ? null : History.Last;
        Record = MaySummarize ? "{\"details\":{\"type\":\"summarizer\"}}"u8.ToArray() : "{}"u8.ToArray();
    }

    public Simulation Simulation => _simulation;

    public int Number { get; }

    public DocumentKey Document { get; }

    public bool MaySummarize { get; }

    public ReadOnlyMemory<byte> Record { get; }

    /// <summary>True when it is connected, has seen everything, and has nothing of its own left to see.</summary>
    public bool HasConverged => _isLive && _connection is { IsGone: false } && _pending.Count == 0 && _seen == History.Last;

    private DocumentHistory History => _simulation.Checker.Of(Document);

    private sealed record PendingOp(string Type, byte[] Contents)
    {
        public SimulatedConnection? Connection { get; set; }

        public long ClientSequenceNumber { get; set; }
    }

    public void Start()
    {
        Connect();
        ActLater();
    }

    /// <summary>Leaves for good.</summary>
    public void Retire()
    {
        _isRetired = true;
        _connection?.Close();
        _connection = null;
        _isLive = false;
    }

    /// <summary>Why it has not come to rest.</summary>
    public string Describe() =>
        $"client {Number} ({(_isReader ? "reader" : "writer")}, connection {_connection?.Number}, {_clientId}): connected {_isConnected}, live {_isLive}, "
        + $"seen {_seen} of {History.Last}, {_pending.Count} ops pending, waits for the leave of [{string.Join(' ', _unsettled)}]";

    /// <summary>The network drops.</summary>
    public void Drop() => _connection?.Drop();

    /// <summary>It stops reading.</summary>
    public void Freeze() => _connection?.Freeze(_random.UpTo(TimeSpan.FromSeconds(10)));

    /// <summary>It reads again.</summary>
    public void Thaw() => _connection?.Thaw();

    // What comes from its connection.

    public void Connected(SimulatedConnection connection, ConnectedDocument document)
    {
        if (connection != _connection)
        {
            return;
        }

        _isConnected = true;
        _clientId = document.ClientId;
        _seen ??= document.CheckpointSequenceNumber;
        _readyAt = document.CheckpointSequenceNumber;
        _head = document.Summary?.Handle ?? "";
        GoLive(connection.Record.Mode == ConnectionMode.Read && _seen >= _readyAt);
    }

    public void Refused(SimulatedConnection connection, ConnectRefusal refusal)
    {
        if (refusal is ConnectRefusal.UnknownDocument or ConnectRefusal.AheadOfDocument)
        {
            _simulation.Violate($"Client {Number} was refused: {refusal}");
        }

        Disconnected(connection);
    }

    public void Disconnected(SimulatedConnection connection)
    {
        if (connection != _connection || _isRetired)
        {
            return;
        }

        _connection = null;
        _isConnected = _isLive = false;
        _simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(1)), Connect);
    }

    /// <summary>A nack ends a stock client's connection: it comes back with a new id.</summary>
    public void Nacked(SimulatedConnection connection)
    {
        if (connection == _connection)
        {
            connection.Close();
            Disconnected(connection);
        }
    }

    public void Ops(SimulatedConnection connection, DeltaBatch deltas)
    {
        if (connection != _connection)
        {
            return;
        }

        for (var number = deltas.FirstSequenceNumber; number <= deltas.LastSequenceNumber; number++)
        {
            if (number <= _seen)
            {
                // It has asked for these again.
                continue;
            }

            if (number != _seen + 1)
            {
                _simulation.Violate($"Client {Number} has seen {_seen} and gets {number}");
                return;
            }

            _seen = number;
            See(History[number]);
        }

        GoLive(_isConnected && connection.Record.Mode == ConnectionMode.Read && _seen >= _readyAt);
    }

    private void See(StoredMessage message)
    {
        if (message.Type == MessageType.Join && message.Subject == _clientId && _isConnected)
        {
            GoLive(true);
        }
        else if (message.Type == MessageType.Leave)
        {
            if (_unsettled.Remove(message.Subject!))
            {
                Flush();
            }

            if (_connection is { } own && message.Subject == _clientId)
            {
                // It was silent too long: it is connected, and nobody listens to it.
                Nacked(own);
            }
        }
        else if (message.Type == MessageType.SummaryAck)
        {
            _head = message.Handle!;
        }
        else if (message.Connection is { } sender && sender.Client == this)
        {
            _pending.RemoveAll(op => op.Connection == sender.Owner && op.ClientSequenceNumber == message.ClientSequenceNumber);
        }
    }

    private void Connect()
    {
        if (_connection is not null || _isRetired)
        {
            return;
        }

        if (_simulation.FindProcess() is not { } process)
        {
            _simulation.Scheduler.After(TimeSpan.FromMilliseconds(500), Connect);
            return;
        }

        _simulation.Statistics.Count("connections");
        _clientSequenceNumber = 0;
        _clientId = "";
        var isReader = _isReader && _pending.Count == 0;
        var connection = _connection = new SimulatedConnection(
            _simulation, this, process, isReader ? ConnectionMode.Read : ConnectionMode.Write, _seen);
        connection.Open();
        _simulation.Scheduler.After(TimeSpan.FromSeconds(60), () => GiveUp(connection));
    }

    /// <summary>Nobody has answered.</summary>
    private void GiveUp(SimulatedConnection connection)
    {
        if (connection == _connection && !_isConnected)
        {
            connection.Close();
            Disconnected(connection);
        }
    }

    private void GoLive(bool isReady)
    {
        if (isReady && !_isLive)
        {
            _isLive = true;
            Flush();
        }
    }

    /// <summary>Submits again what was submitted on former connections, when nothing of them can come any more.</summary>
    private void Flush()
    {
        if (!_isLive || _unsettled.Any(id => id != _clientId))
        {
            return;
        }

        var left = _pending.Where(op => op.Connection != _connection).ToList();
        if (left.Count > 0 && _connection!.Record.Mode == ConnectionMode.Write)
        {
            Submit(left);
        }
    }

    private void Submit(IReadOnlyList<PendingOp> ops)
    {
        foreach (var op in ops)
        {
            op.Connection = _connection;
            op.ClientSequenceNumber = ++_clientSequenceNumber;
        }

        Submit([.. ops.Select(op => new SubmittedOp
        {
            ClientSequenceNumber = op.ClientSequenceNumber,
            ReferenceSequenceNumber = _seen!.Value,
            Type = op.Type,
            Contents = op.Contents,
        })]);
    }

    private void Submit(SubmittedOp[] ops)
    {
        if (_connection!.Record.Mode == ConnectionMode.Write)
        {
            _unsettled.Add(_clientId);
        }

        var batch = new SubmittedBatch(ops);
        _connection.Submit(batch);
        if (_random.Chance(_simulation.Faults.Duplicates))
        {
            _simulation.Statistics.Count("duplicate submissions");
            _connection.Submit(batch);
        }
    }
}
