using System.Text.Json;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>What is known of one connection: what it sent and what it was told, and the rules for both.</summary>
internal sealed partial class ConnectionRecord(SimulatedConnection owner, SimulatedClient client, ConnectionMode mode, bool maySummarize, long? lastSeen)
{
    private readonly Simulation _simulation = client.Simulation;
    private readonly Dictionary<long, SubmittedOp> _submitted = [];
    private readonly Dictionary<string, long> _signals = new(StringComparer.Ordinal);
    private readonly List<long> _requested = [];
    private long _lastSubmitted;
    private bool _isConnected;
    private bool _isOver;

    public SimulatedConnection Owner { get; } = owner;

    public SimulatedClient Client { get; } = client;

    public SimulatedProcess Process => Owner.Process;

    public int Number => Owner.Number;

    public DocumentKey Document => Owner.Document;

    public ConnectionMode Mode { get; } = mode;

    /// <summary>The SN of its join; 0 before.</summary>
    public long JoinedAt { get; set; }

    /// <summary>The SN of its leave; 0 before.</summary>
    public long LeftAt { get; set; }

    /// <summary>True once its session may have forgotten what it said of its RSN.</summary>
    public bool IsGone { get; set; }

    /// <summary>The last SN that it was told.</summary>
    public long LastTold { get; private set; }

    /// <summary>The SNs of its ops, by CSN.</summary>
    public Dictionary<long, long> Sequenced { get; } = [];

    /// <summary>What it said of its RSN without an op that has a number, in order.</summary>
    public List<ReferenceClaim> Claims { get; } = [];

    private DocumentHistory History => _simulation.Checker.Of(Document);

    public SubmittedOp? Find(long clientSequenceNumber) => _submitted.GetValueOrDefault(clientSequenceNumber);

    /// <summary>Ops are about to be given to the session.</summary>
    public void Submitting(SubmittedBatch batch)
    {
        foreach (var op in batch.Ops)
        {
            if (_submitted.TryAdd(op.ClientSequenceNumber, op) && op.Type == MessageType.NoOp)
            {
                Claims.Add(new ReferenceClaim(op.ClientSequenceNumber, IsNoOp: true, op.ReferenceSequenceNumber));
            }

            _lastSubmitted = Math.Max(_lastSubmitted, op.ClientSequenceNumber);
        }
    }

    /// <summary>An RSN is about to be given to the session.</summary>
    public void Claiming(long referenceSequenceNumber)
    {
        if (referenceSequenceNumber >= 0)
        {
            Claims.Add(new ReferenceClaim(_lastSubmitted, IsNoOp: false, referenceSequenceNumber));
        }
    }

    /// <summary>The client is about to ask for messages once more.</summary>
    public void Requesting(long after) => _requested.Add(after);

    public void Connected(ConnectedDocument document)
    {
        if (_isConnected || _isOver)
        {
            Violate("is connected a second time");
        }

        _isConnected = true;
        LastTold = lastSeen ?? document.CheckpointSequenceNumber;
        if (document.ClientId.Length == 0 || document.CheckpointSequenceNumber > History.Last || (Mode == ConnectionMode.Write && JoinedAt == 0))
        {
            Violate($"is connected as '{document.ClientId}' at {document.CheckpointSequenceNumber}, and its join is not durable");
        }

        var ids = document.Clients.Select(member => member.ClientId).ToList();
        if (ids.Distinct().Count() != ids.Count || !(ids.Contains(document.ClientId) || LeftAt > 0))
        {
            Violate($"is told of clients [{string.Join(' ', ids)}] and is {document.ClientId}");
        }

        if (document.Summary is { } head && !History.Versions.Contains(head.Handle))
        {
            Violate($"is told of the head {head.Handle}, which never was one");
        }
    }

    public void Refused(ConnectRefusal refusal)
    {
        if (_isConnected || _isOver)
        {
            Violate($"is refused ({refusal}) after it was answered");
        }

        if ((refusal == ConnectRefusal.Draining && !Process.IsStopping)
            || (refusal == ConnectRefusal.TooManyClients && _simulation.Options.MaxConnectionsPerDocument >= 10_000)
            || refusal is ConnectRefusal.UnknownDocument or ConnectRefusal.AheadOfDocument)
        {
            Violate($"is refused: {refusal}");
        }

        IsGone = _isOver = true;
    }

    public void Ended(SessionEnd end)
    {
        if (!_isConnected || _isOver)
        {
            Violate($"is told of the end ({end}) without having been connected");
        }

        if (end is SessionEnd.Idle or SessionEnd.UnknownDocument || (end == SessionEnd.Stopped && !Process.IsStopping))
        {
            Violate($"is told that the session ended: {end}");
        }

        _simulation.Statistics.Count($"sessions {end}");
        IsGone = _isOver = true;
    }

    /// <summary>Messages are durable, the same for everybody, and come without gap or repeat.</summary>
    public void Told(DeltaBatch deltas)
    {
        if (!_isConnected || _isOver)
        {
            Violate("gets messages while it is not connected");
        }

        if (deltas.FirstSequenceNumber != LastTold + 1 && !IsRequested(deltas.FirstSequenceNumber - 1))
        {
            Violate($"was told {LastTold} and then {deltas.FirstSequenceNumber}");
        }

        for (var i = 0; i < deltas.Count; i++)
        {
            var number = deltas.FirstSequenceNumber + i;
            if (!History.Has(number))
            {
                Violate($"is told {number}, which is not durable");
            }
            else if (!History[number].Bytes.AsSpan().SequenceEqual(deltas[i].Span))
            {
                Violate($"is told another {number} than the log's");
            }
        }

        LastTold = deltas.LastSequenceNumber;
    }

    public void Signalled(SignalBroadcast signal)
    {
        if (!_isConnected && signal.Subject?.ClientId != Owner.ClientId)
        {
            Violate("gets a signal while it is not connected");
        }

        if (signal.ClientId is not { } sender)
        {
            return;
        }

        using var content = JsonDocument.Parse(signal.Content);
        var (number, target) = (content.RootElement[0].GetInt64(), content.RootElement[1].GetString());
        if (number <= _signals.GetValueOrDefault(sender) || (target is not null && target != Owner.ClientId))
        {
            Violate($"gets signal {number} of {sender} for {target ?? "all"} after {_signals.GetValueOrDefault(sender)}");
        }

        _signals[sender] = number;
    }

    private bool IsRequested(long after)
    {
        // Of several requests on their way, the session may keep the last alone.
        var index = _requested.IndexOf(after);
        if (index < 0)
        {
            return false;
        }

        _requested.RemoveRange(0, index + 1);
        return true;
    }

    private void Violate(string what) => History.Violate($"connection {Number} ({Owner.ClientId}) {what}");
}

/// <summary>What a client said of its RSN without an op that has a number.</summary>
/// <param name="ClientSequenceNumber">The no-op's CSN, or the last CSN before.</param>
/// <param name="IsNoOp">Whether it was a no-op, with a CSN of its own.</param>
/// <param name="ReferenceSequenceNumber">The RSN.</param>
internal readonly record struct ReferenceClaim(long ClientSequenceNumber, bool IsNoOp, long ReferenceSequenceNumber)
{
    /// <summary>Whether an op with this CSN came after it, and so says what holds.</summary>
    public bool IsBefore(long clientSequenceNumber) =>
        IsNoOp ? ClientSequenceNumber <= clientSequenceNumber : ClientSequenceNumber < clientSequenceNumber;
}
