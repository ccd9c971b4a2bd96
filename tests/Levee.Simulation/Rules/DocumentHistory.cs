using Levee.Protocol;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>
/// What is durable of one document's log, and the rules for each message that comes to it: numbers, quorum, who may send what. Summaries
/// are in <c>DocumentHistory.Summaries.cs</c>.
/// </summary>
internal sealed partial class DocumentHistory
{
    private readonly Simulation _simulation;
    private readonly NewDocument _created;
    private readonly List<StoredMessage> _messages = [];
    private readonly Dictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly List<Member> _allMembers = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);

    public DocumentHistory(Simulation simulation, NewDocument created)
    {
        _simulation = simulation;
        _created = created;
        _head = created.Head?.ToString();
        if (_head is not null)
        {
            _versions.Add(_head);
            _sinceLast.Add(_head);
        }
    }

    public DocumentKey Key => _created.Key;

    /// <summary>The number that the log begins above.</summary>
    public long First => _created.InitialSequenceNumber;

    /// <summary>The number of the last durable message.</summary>
    public long Last => _created.InitialSequenceNumber + _messages.Count;

    public StoredMessage this[long number] => _messages[(int)(number - _created.InitialSequenceNumber - 1)];

    private long LastMinimum => _messages.Count > 0 ? _messages[^1].MinimumSequenceNumber : _created.InitialSequenceNumber;

    public bool Has(long number) => number > _created.InitialSequenceNumber && number <= Last;

    /// <summary>Some write client's id.</summary>
    public string AnyMember(SeededRandom random) => _members.Count == 0 ? "nobody" : _members.ElementAt(random.Below(_members.Count)).Key;

    /// <summary>Follows a write that has become durable.</summary>
    public void Stored(AppendRequest append, SimulatedProcess process)
    {
        if (append.Deltas.FirstSequenceNumber != Last + 1)
        {
            Violate($"the log ends at {Last} and continues with {append.Deltas.FirstSequenceNumber}");
            return;
        }

        for (var i = 0; i < append.Deltas.Count; i++)
        {
            var message = StoredMessage.Parse(append.Deltas[i].ToArray());
            _simulation.Trace.Add(_simulation.Scheduler, message.Type, message.SequenceNumber, message.MinimumSequenceNumber, message.ReferenceSequenceNumber);
            Follow(message, process);
        }

        _simulation.Statistics.Count("ops sequenced", append.Deltas.Count);
        FollowHead(append);
    }

    public void RequireAllIsThere()
    {
        var stored = _simulation.Disk.Find(Key)!;
        if (stored.LastSequenceNumber != Last || stored.Head?.ToString() != _head)
        {
            Violate($"{stored.LastSequenceNumber} messages and the head {stored.Head} are on the disk where {Last} and {_head} were durable");
        }
    }

    public void RequireNothingIsLeft()
    {
        if (_members.Count > 0)
        {
            Violate($"ghosts in the quorum: {string.Join(' ', _members.Keys)}");
        }

        if (_unanswered.Count > 0)
        {
            Violate($"summary {_unanswered.Peek().SequenceNumber} was never answered");
        }
    }

    public void Violate(string what) => _simulation.Violate($"{Key}: {what}");

    private void Follow(StoredMessage message, SimulatedProcess process)
    {
        var number = Last + 1;
        if (message.SequenceNumber != number)
        {
            Violate($"message {number} says that it is {message.SequenceNumber}");
        }

        if (_messages.Count > 0 && message.Timestamp < _messages[^1].Timestamp)
        {
            Violate($"message {number} is older than the one before");
        }

        if (message.ClientId is null)
        {
            FollowService(message);
        }
        else
        {
            FollowClient(message, message.ClientId);
        }

        message.Writer = process;
        RequireMinimum(message, process);
        if (message.Type == MessageType.NoOp && message.MinimumSequenceNumber <= LastMinimum)
        {
            Violate($"no-op {number} has a number and nothing to say");
        }

        _messages.Add(message);
        FollowSummaries(message);
        FollowProposals(message);
    }

    private void FollowService(StoredMessage message)
    {
        var number = message.SequenceNumber;
        var reference = message.Type == MessageType.NoClient ? number : -1;
        if (message.ClientSequenceNumber != -1 || message.ReferenceSequenceNumber != reference)
        {
            Violate($"{message.Type} {number} carries CSN {message.ClientSequenceNumber} and RSN {message.ReferenceSequenceNumber}");
        }

        switch (message.Type)
        {
            case MessageType.Join:
                Join(message);
                break;
            case MessageType.Leave:
                if (!_members.Remove(message.Subject!, out var left))
                {
                    Violate($"leave {number} of {message.Subject}, who is not in the quorum");
                    break;
                }

                left.LeftAt = left.Connection.LeftAt = number;
                break;
            case MessageType.NoClient when _members.Count > 0:
                Violate($"noClient {number} while there are clients");
                break;
            case MessageType.NoClient or MessageType.NoOp or MessageType.SummaryAck or MessageType.SummaryNack:
                break;
            default:
                Violate($"message {number} of the service has type {message.Type}");
                break;
        }
    }

    private void Join(StoredMessage message)
    {
        var number = message.SequenceNumber;
        if (!_ids.Add(message.Subject!))
        {
            Violate($"join {number} of {message.Subject}, who has been there before");
        }

        if (_simulation.Checker.FindConnection(message.SubjectConnection) is not { JoinedAt: 0, Mode: ConnectionMode.Write } connection || connection.Document != Key)
        {
            Violate($"join {number} of {message.Subject}, for whom there is no connection");
            return;
        }

        connection.JoinedAt = number;
        var member = new Member(message.Subject!, connection, number) { Reference = message.MinimumSequenceNumber };
        _members.Add(message.Subject!, member);
        _allMembers.Add(member);
    }

    private void FollowClient(StoredMessage message, string clientId)
    {
        var number = message.SequenceNumber;
        if (MessageType.IsService(message.Type))
        {
            Violate($"message {number} of type {message.Type} comes from a client");
        }

        if (!_members.TryGetValue(clientId, out var member))
        {
            Violate($"message {number} comes from {clientId}, who is not in the quorum");
            return;
        }

        message.Connection = member.Connection;
        if (member.Connection.Find(message.ClientSequenceNumber) is not { } op)
        {
            Violate($"message {number} repeats CSN {message.ClientSequenceNumber} of {clientId}, who never sent it");
            return;
        }

        if (op.Type != message.Type || !message.Contents.AsSpan().SequenceEqual(op.Contents))
        {
            Violate($"message {number} is not what {clientId} sent");
        }

        RequireOrder(message, member, op);
        var (reference, now) = (message.ReferenceSequenceNumber, message.Type == MessageType.NoOp ? number - 1 : number);
        if (reference != (op.ReferenceSequenceNumber == -1 ? now : op.ReferenceSequenceNumber) || reference > now
            || (op.ReferenceSequenceNumber >= number) || reference < LastMinimum)
        {
            Violate($"message {number} has RSN {reference}; {op.ReferenceSequenceNumber} was sent, and the MSN was {LastMinimum}");
        }

        if (message.Type == MessageType.Op && op.Contents is { } contents && !contents.AsSpan().SequenceEqual("\"hostile\""u8)
            && !_texts.Add(System.Text.Encoding.UTF8.GetString(contents)))
        {
            Violate($"message {number} is there a second time");
        }

        member.Connection.Sequenced[message.ClientSequenceNumber] = number;
        member.Follow(message);
    }

    /// <summary>CSNs go up by one, but for no-ops, which need no number; ops of one batch are next to each other.</summary>
    private void RequireOrder(StoredMessage message, Member member, SubmittedOp op)
    {
        for (var skipped = member.ClientSequenceNumber + 1; skipped < message.ClientSequenceNumber; skipped++)
        {
            if (member.Connection.Find(skipped) is not { Type: MessageType.NoOp })
            {
                Violate($"message {message.SequenceNumber} has CSN {message.ClientSequenceNumber} where {skipped} was expected");
                return;
            }
        }

        if (message.ClientSequenceNumber <= member.ClientSequenceNumber)
        {
            Violate($"message {message.SequenceNumber} repeats CSN {message.ClientSequenceNumber} of {member.ClientId}");
        }

        if (member.LastOp is { } last && last.Batch == op.Batch && member.LastNumber != message.SequenceNumber - 1)
        {
            Violate($"message {message.SequenceNumber} is of the same batch as {member.LastNumber}, and not next to it");
        }

        member.LastOp = op;
        member.LastNumber = message.SequenceNumber;
    }

    /// <summary>
    /// The MSN never falls, is the lowest RSN of those in the quorum, and the SN when nobody is. Of a client, the log shows the RSN of its last op;
    /// no-ops that it sent since may have been taken or not yet, and what they said is forgotten when the session ends.
    /// </summary>
    private void RequireMinimum(StoredMessage message, SimulatedProcess process)
    {
        var (number, minimum) = (message.SequenceNumber, message.MinimumSequenceNumber);
        long lowest = long.MaxValue, highest = long.MaxValue;
        foreach (var member in _members.Values)
        {
            if (member.JoinedAt == number)
            {
                // Its RSN is this MSN.
                continue;
            }

            var (low, high) = member.References(number);
            var isGone = member.Connection.IsGone || member.Connection.Process != process;
            lowest = Math.Min(lowest, isGone ? LastMinimum : low);
            highest = Math.Min(highest, high);
        }

        if (_members.Count == 0)
        {
            lowest = highest = number;
        }
        else if (highest == long.MaxValue)
        {
            lowest = highest = LastMinimum;
        }

        if (minimum < Math.Max(LastMinimum, lowest) || minimum > Math.Max(LastMinimum, highest))
        {
            Violate($"message {number} has MSN {minimum}; it was {LastMinimum} before, and the lowest RSN is {lowest} to {highest}");
        }
    }

    /// <summary>A write client in the quorum.</summary>
    private sealed class Member(string clientId, ConnectionRecord connection, long joinedAt)
    {
        private int _claimsUsed;

        public string ClientId { get; } = clientId;

        public ConnectionRecord Connection { get; } = connection;

        public long JoinedAt { get; } = joinedAt;

        public long LeftAt { get; set; } = long.MaxValue;

        public long Reference { get; set; }

        public long ClientSequenceNumber { get; private set; }

        public SubmittedOp? LastOp { get; set; }

        public long LastNumber { get; set; }

        public void Follow(StoredMessage message)
        {
            Reference = message.ReferenceSequenceNumber;
            ClientSequenceNumber = message.ClientSequenceNumber;
            while (_claimsUsed < Connection.Claims.Count && Connection.Claims[_claimsUsed].IsBefore(ClientSequenceNumber))
            {
                _claimsUsed++;
            }
        }

        /// <summary>The lowest and the highest RSN that it can have.</summary>
        public (long Low, long High) References(long number)
        {
            var (low, high) = (Reference, Reference);
            for (var i = _claimsUsed; i < Connection.Claims.Count; i++)
            {
                var claimed = Connection.Claims[i].ReferenceSequenceNumber;
                low = claimed < 0 ? low : Math.Min(low, claimed);
                high = Math.Max(high, claimed < 0 ? number : Math.Min(claimed, number));
            }

            return (low, high);
        }
    }
}
