using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>
/// Reads a document's log from its first message on and knows the rules: numbers, who is there, every writer's ops once and in order, batches
/// whole, summaries answered once. It knows nothing of how the server does it. For one reader at a time.
/// </summary>
/// <param name="record">What clients saw; what is read here counts as seen from then on.</param>
internal sealed partial class LogAudit(DocumentRecord record)
{
    private readonly Dictionary<string, long> _present = [];
    private readonly Dictionary<string, long> _lastNumbers = [];
    private readonly List<(long SequenceNumber, string ClientId, bool Joined)> _changes = [];
    private OpContents? _open;

    /// <summary>The last message read.</summary>
    public long Through { get; private set; }

    /// <summary>The MSN after it.</summary>
    public long MinimumSequenceNumber { get; private set; }

    /// <summary>How many ops of writers were read.</summary>
    public long Ops { get; private set; }

    /// <summary>Who joined and has not left.</summary>
    public IReadOnlyCollection<string> Present => _present.Keys;

    /// <summary>Takes the next message.</summary>
    /// <exception cref="ViolationException">It breaks a rule.</exception>
    public void Add(JsonElement message)
    {
        var number = message.GetProperty("sequenceNumber").GetInt64();
        Require(number == Through + 1, message, $"follows {Through}");
        record.See(message, "the log");
        var type = message.GetProperty("type").GetString();
        Require(_open is null || type == "op", message, $"is amid a batch of {_open?.By}");
        AddNumbers(message, number);
        Through = number;
        switch (type)
        {
            case "join":
                Join(message);
                break;
            case "leave":
                Leave(message);
                break;
            case "op":
                AddOp(message);
                break;
            case "summarize":
                Propose(message);
                break;
            case "summaryAck":
            case "summaryNack":
                Answer(message, type == "summaryAck");
                break;
            case "noop":
                break;
            default:
                Require(false, message, "is of a type that nobody asked for");
                break;
        }
    }

    /// <summary>Sees that what has been read is an end: not amid a batch, and with all that was seen or answered before it was read.</summary>
    /// <param name="seen"><see cref="DocumentRecord.LastSeen"/> before the log was read.</param>
    /// <param name="acknowledged"><see cref="DocumentRecord.Acknowledged"/> before the log was read.</param>
    /// <exception cref="ViolationException">Something is missing.</exception>
    public void RequireEnd(long seen, IReadOnlyDictionary<string, long> acknowledged)
    {
        if (Through < seen)
        {
            throw new ViolationException($"{record.DocumentId}: message {seen} was seen, but the log ends at {Through}");
        }

        if (_open is not null)
        {
            throw new ViolationException(
                $"{record.DocumentId}: the log ends after op {_open.At + 1} of {_open.Of} in a batch of {_open.By} (its op {_open.Number})");
        }

        foreach (var (writer, number) in acknowledged)
        {
            if (_lastNumbers.GetValueOrDefault(writer) < number)
            {
                throw new ViolationException(
                    $"{record.DocumentId}: op {number} of {writer} was acknowledged, but the log has its ops through {_lastNumbers.GetValueOrDefault(writer)}");
            }
        }
    }

    private void AddNumbers(JsonElement message, long number)
    {
        var minimum = message.GetProperty("minimumSequenceNumber").GetInt64();
        Require(minimum >= MinimumSequenceNumber, message, $"lowers the MSN from {MinimumSequenceNumber}");
        Require(minimum <= number, message, "has an MSN above its number");
        var reference = message.GetProperty("referenceSequenceNumber").GetInt64();
        if (ClientIdOf(message) is { } clientId)
        {
            Require(_present.TryGetValue(clientId, out var last), message, "is of a client that is not there");
            Require(reference >= MinimumSequenceNumber && reference < number, message, $"refers below the MSN {MinimumSequenceNumber}, or to what was not yet");
            var own = message.GetProperty("clientSequenceNumber").GetInt64();
            Require(own > last, message, $"repeats the client's number {last}");
            _present[clientId] = own;
        }

        MinimumSequenceNumber = minimum;
    }

    private void Join(JsonElement message)
    {
        using var data = JsonDocument.Parse(message.GetProperty("data").GetString()!);
        var clientId = data.RootElement.GetProperty("clientId").GetString()!;
        Require(_present.TryAdd(clientId, 0), message, "joins a client that is there");
        Require(!_changes.Exists(change => change.ClientId == clientId), message, "joins a client that has been there before");
        _changes.Add((Through, clientId, true));
        if (record.ClientOf(clientId)?.Generation is { } generation)
        {
            var ghost = _present.Keys.FirstOrDefault(present => record.ClientOf(present)?.Generation < generation);
            Require(ghost is null, message, $"lets a client join while {ghost}, of a server that is gone, is still there");
        }
    }

    private void Leave(JsonElement message)
    {
        var clientId = JsonSerializer.Deserialize<string>(message.GetProperty("data").GetString()!)!;
        Require(_present.Remove(clientId), message, "lets a client leave that is not there");
        _changes.Add((Through, clientId, false));
    }

    private void AddOp(JsonElement message)
    {
        var op = OpContents.Read(message);
        var client = record.ClientOf(ClientIdOf(message) ?? "");
        Require(client is null || client.Name == op.By, message, $"comes from {client?.Name}");
        var expected = _lastNumbers.GetValueOrDefault(op.By) + 1;
        Require(op.Number == expected, message, $"comes where op {expected} of {op.By} belongs");
        Require(
            op.At == (_open is null ? 0 : _open.At + 1) && (_open is null || (_open.By == op.By && _open.Of == op.Of)),
            message,
            _open is null ? "is not the first of its batch" : $"is amid a batch of {_open.By}");
        _lastNumbers[op.By] = op.Number;
        _open = op.At == op.Of - 1 ? null : op;
        Ops++;
    }

    private static string? ClientIdOf(JsonElement message) => message.GetProperty("clientId").GetString();

    private void Require(bool holds, JsonElement message, string what)
    {
        if (!holds)
        {
            throw new ViolationException($"{record.DocumentId}: this message {what}: {message.GetRawText()}");
        }
    }
}
