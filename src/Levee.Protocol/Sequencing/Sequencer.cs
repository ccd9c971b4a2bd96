using System.Diagnostics.CodeAnalysis;

namespace Levee.Protocol;

/// <summary>
/// Gives messages their place in the total order of one document. Pure: time comes in as a value (milliseconds since the Unix
/// epoch), nothing is stored or sent. Owned by one thread at a time. Each rule is one of the reference service's ("deli").
/// </summary>
public sealed class Sequencer
{
    /// <summary>The RSN by which a client says "now"; also what messages of the service carry.</summary>
    public const long Now = -1;

    private const long ServiceNumber = -1;

    private readonly Dictionary<string, SequencedClient> _clients = new(StringComparer.Ordinal);
    private readonly ReferenceSequenceNumberHeap _references = new();

    // The MSN of the last message that was stamped: what the clients know.
    private long _announcedMinimum;

    /// <summary>Starts after <paramref name="sequenceNumber"/> with nobody connected.</summary>
    /// <param name="sequenceNumber">The SN of the last message.</param>
    /// <param name="minimumSequenceNumber">The MSN.</param>
    /// <param name="timestamp">When the last message was stamped; later ones are not earlier.</param>
    public Sequencer(long sequenceNumber, long minimumSequenceNumber, long timestamp = 0)
    {
        Timestamp = timestamp;
        SequenceNumber = sequenceNumber;
        MinimumSequenceNumber = minimumSequenceNumber;
        _announcedMinimum = minimumSequenceNumber;
    }

    /// <summary>The SN of the last message.</summary>
    public long SequenceNumber { get; private set; }

    /// <summary>The lowest RSN of the write clients, or the SN when there are none. Never falls.</summary>
    public long MinimumSequenceNumber { get; private set; }

    /// <summary>When the last message was stamped, in milliseconds since the Unix epoch.</summary>
    public long Timestamp { get; private set; }

    /// <summary>The write clients.</summary>
    public IReadOnlyCollection<SequencedClient> Clients => _clients.Values;

    /// <summary>True when clients have moved the MSN beyond what they were last told.</summary>
    public bool HasPendingNoOp => MinimumSequenceNumber > _announcedMinimum;

    /// <summary>Finds a write client.</summary>
    public bool TryGetClient(string clientId, [NotNullWhen(true)] out SequencedClient? client) =>
        _clients.TryGetValue(clientId, out client);

    /// <summary>Admits a write client and stamps its <c>join</c>. Its RSN starts at the MSN.</summary>
    public SequencedDocumentMessage Join(string clientId, bool maySummarize, ReadOnlyMemory<byte> members, long now)
    {
        Admit(clientId, maySummarize, now);
        return StampService(MessageType.Join, members, now);
    }

    /// <summary>Removes a write client and stamps its <c>leave</c>. Leaving twice is no error: false, and no message.</summary>
    public bool TryLeave(string clientId, ReadOnlyMemory<byte> members, long now, out SequencedDocumentMessage message)
    {
        message = default;
        if (!Dismiss(clientId))
        {
            return false;
        }

        message = StampService(MessageType.Leave, members, now);
        return true;
    }

    /// <summary>Stamps a message of the service itself, such as a summary's acknowledgement.</summary>
    public SequencedDocumentMessage SequenceService(string type, ReadOnlyMemory<byte> members, long now) =>
        StampService(type, members, now);

    /// <summary>Stamps a <c>noClient</c>: nobody is left who writes, so its RSN and the MSN are its own number. False while there are clients.</summary>
    public bool TrySequenceNoClient(long now, out SequencedDocumentMessage message)
    {
        message = default;
        if (_clients.Count > 0)
        {
            return false;
        }

        message = Stamp(
            new SequencedDocumentMessage
            {
                ClientId = null,
                ClientSequenceNumber = ServiceNumber,
                ReferenceSequenceNumber = SequenceNumber + 1,
                Type = MessageType.NoClient,
                Members = NullContents,
            },
            now);
        return true;
    }

    /// <summary>Decides one submitted op. The order of the checks is part of the contract.</summary>
    /// <param name="clientId">Who sends it.</param>
    /// <param name="op">The op.</param>
    /// <param name="now">Milliseconds since the Unix epoch.</param>
    /// <param name="refusal">Why no op but a <c>summarize</c> or a no-op is taken at this time; null when all are.</param>
    public TicketOutcome Ticket(string clientId, in DocumentMessage op, long now, NackContent? refusal = null)
    {
        var known = _clients.TryGetValue(clientId, out var client);
        if (known && op.ClientSequenceNumber <= client!.ClientSequenceNumber)
        {
            return TicketOutcome.Duplicate;
        }

        if (known && op.ClientSequenceNumber > client!.ClientSequenceNumber + 1)
        {
            return Refuse(op, NackContent.BadRequest("Gap detected in incoming op"));
        }

        if (MessageType.IsService(op.Type))
        {
            return Refuse(op, NackContent.BadRequest("Op not allowed"));
        }

        if (!known || client!.IsNacked)
        {
            return Refuse(op, NackContent.BadRequest("Nonexistent client"));
        }

        if (op.ReferenceSequenceNumber > SequenceNumber || op.ReferenceSequenceNumber < Now)
        {
            return Refuse(op, NackContent.BadRequest(
                $"Refseq {op.ReferenceSequenceNumber} is not between -1 and {SequenceNumber}"));
        }

        if (op.ReferenceSequenceNumber != Now && op.ReferenceSequenceNumber < MinimumSequenceNumber)
        {
            return RefuseForGood(client, op);
        }

        if (op.Type == MessageType.Summarize && !client.MaySummarize)
        {
            return Refuse(op, NackContent.InvalidScope($"Client {clientId} does not have summary permission"));
        }

        return refusal is null || op.Type is MessageType.Summarize or MessageType.NoOp ? Accept(client, op, now) : Refuse(op, refusal);
    }

    /// <summary>
    /// Takes a client's RSN without an op (the Phoenix dialect's <c>noop</c> event, which carries no CSN). Ignored when it is
    /// unknown, nacked, or the number is not one that an op could carry.
    /// </summary>
    public void UpdateReference(string clientId, long referenceSequenceNumber, long now)
    {
        if (_clients.TryGetValue(clientId, out var client) && !client.IsNacked
            && referenceSequenceNumber >= client.ReferenceSequenceNumber && referenceSequenceNumber <= SequenceNumber)
        {
            Touch(client, client.ClientSequenceNumber, referenceSequenceNumber, now);
        }
    }

    /// <summary>
    /// Stamps one no-op of the service when the MSN is above what the clients were told; false when they know. To be called a
    /// short while after a no-op was coalesced.
    /// </summary>
    public bool SequencePendingNoOp(long now, out SequencedDocumentMessage message)
    {
        message = HasPendingNoOp ? StampService(MessageType.NoOp, NullContents, now) : default;
        return message.SequenceNumber != 0;
    }

    /// <summary>Write clients that have been silent since before <paramref name="deadline"/> (milliseconds since the Unix epoch).</summary>
    public IReadOnlyList<string> SilentSince(long deadline) =>
        [.. _clients.Values.Where(client => client.LastActive < deadline).Select(client => client.ClientId)];

    /// <summary>Repeats what a stored message did to the numbers and clients; <paramref name="maySummarize"/> matters for a join only.</summary>
    internal void Replay(in SequencedDocumentMessage message, string? systemClientId, bool maySummarize)
    {
        if (message.Type == MessageType.Join && systemClientId is not null)
        {
            if (_clients.ContainsKey(systemClientId))
            {
                throw new MalformedMessageException($"Message {message.SequenceNumber} of the log joins a client that is there already");
            }

            Admit(systemClientId, maySummarize, message.Timestamp);
        }
        else if (message.Type == MessageType.Leave && systemClientId is not null)
        {
            Dismiss(systemClientId);
        }
        else if (message.ClientId is not null && _clients.TryGetValue(message.ClientId, out var client))
        {
            Touch(client, message.ClientSequenceNumber, message.ReferenceSequenceNumber, message.Timestamp);
        }

        SequenceNumber = message.SequenceNumber;
        MinimumSequenceNumber = message.MinimumSequenceNumber;
        _announcedMinimum = message.MinimumSequenceNumber;
        Timestamp = message.Timestamp;
    }

    /// <summary>Puts back a client that a checkpoint names.</summary>
    internal void Restore(string clientId, bool maySummarize) => Admit(clientId, maySummarize, now: 0);

    private static ReadOnlyMemory<byte> NullContents { get; } = "\"contents\":null"u8.ToArray();

    private TicketOutcome Accept(SequencedClient client, in DocumentMessage op, long now)
    {
        var next = SequenceNumber + 1;
        // "Now" is the op's own number, as in the reference service.
        var reference = op.ReferenceSequenceNumber == Now ? next : op.ReferenceSequenceNumber;

        if (op.Type == MessageType.NoOp)
        {
            reference = op.ReferenceSequenceNumber == Now ? SequenceNumber : reference;
            Touch(client, op.ClientSequenceNumber, reference, now);
            if (op.HasNullContents || !HasPendingNoOp)
            {
                return TicketOutcome.Coalesced;
            }
        }
        else
        {
            Touch(client, op.ClientSequenceNumber, reference, now);
        }

        return TicketOutcome.Sequenced(Stamp(new SequencedDocumentMessage
        {
            ClientId = client.ClientId,
            ClientSequenceNumber = op.ClientSequenceNumber,
            ReferenceSequenceNumber = reference,
            Type = op.Type,
            Members = op.Members,
        }, now));
    }

    private TicketOutcome RefuseForGood(SequencedClient client, in DocumentMessage op)
    {
        var minimum = MinimumSequenceNumber;
        client.ClientSequenceNumber = op.ClientSequenceNumber;
        client.IsNacked = true;
        return Refuse(op, NackContent.BadRequest($"Refseq {op.ReferenceSequenceNumber} < {minimum}"));
    }

    private TicketOutcome Refuse(in DocumentMessage op, NackContent content) =>
        TicketOutcome.Nacked(new Nack(op, MinimumSequenceNumber, content));

    private void Admit(string clientId, bool maySummarize, long now)
    {
        var client = new SequencedClient(clientId, maySummarize, MinimumSequenceNumber, now);
        _clients.Add(clientId, client);
        _references.Add(client);
    }

    private bool Dismiss(string clientId)
    {
        if (!_clients.Remove(clientId, out var client))
        {
            return false;
        }

        _references.Remove(client);
        return true;
    }

    private void Touch(SequencedClient client, long clientSequenceNumber, long referenceSequenceNumber, long now)
    {
        client.ClientSequenceNumber = clientSequenceNumber;
        client.LastActive = now;
        _references.Update(client, referenceSequenceNumber);
        // While there are clients, the MSN follows them at once; it is announced with the next message.
        RaiseMinimum(_references.Minimum);
    }

    private SequencedDocumentMessage StampService(string type, ReadOnlyMemory<byte> members, long now) => Stamp(
        new SequencedDocumentMessage
        {
            ClientId = null,
            ClientSequenceNumber = ServiceNumber,
            ReferenceSequenceNumber = ServiceNumber,
            Type = type,
            Members = members,
        },
        now);

    private SequencedDocumentMessage Stamp(in SequencedDocumentMessage message, long now)
    {
        SequenceNumber++;
        RaiseMinimum(_references.Minimum ?? SequenceNumber);
        _announcedMinimum = MinimumSequenceNumber;
        // A clock that is set back must not make later messages look earlier.
        Timestamp = Math.Max(Timestamp, now);
        return message with
        {
            SequenceNumber = SequenceNumber,
            MinimumSequenceNumber = MinimumSequenceNumber,
            Timestamp = Timestamp,
        };
    }

    private void RaiseMinimum(long? lowestReference) =>
        MinimumSequenceNumber = Math.Max(MinimumSequenceNumber, lowestReference ?? MinimumSequenceNumber);
}
