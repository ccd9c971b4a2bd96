using System.Text.Json;

namespace Levee.Protocol;

/// <summary>
/// All that a document's messages add up to: numbers and write clients, quorum, summaries. It changes only by the messages that
/// it stamps, or by replaying those that were stored, and both ways lead to the same state. Pure, and owned by one thread at a time.
/// </summary>
public sealed class DocumentState
{
    private readonly Sequencer _sequencer;
    private readonly QuorumHistory _quorum;
    private readonly List<PendingSummary> _pendingSummaries;

    /// <summary>Puts a state together from its parts, as a checkpoint has them. The quorum's members are taken as write clients.</summary>
    public DocumentState(
        long sequenceNumber,
        long minimumSequenceNumber,
        QuorumSnapshot quorum,
        AcknowledgedSummary? lastSummary,
        IEnumerable<PendingSummary> pendingSummaries)
        : this(sequenceNumber, minimumSequenceNumber, new QuorumHistory(quorum), lastSummary, pendingSummaries, timestamp: 0)
    {
    }

    internal DocumentState(
        long sequenceNumber,
        long minimumSequenceNumber,
        QuorumHistory quorum,
        AcknowledgedSummary? lastSummary,
        IEnumerable<PendingSummary> pendingSummaries,
        long timestamp)
    {
        _sequencer = new Sequencer(sequenceNumber, minimumSequenceNumber, timestamp);
        _quorum = quorum;
        LastSummary = lastSummary;
        _pendingSummaries = [.. pendingSummaries];
        foreach (var member in quorum.Current.Members.Values)
        {
            _sequencer.Restore(member.ClientId, member.Detail.MaySummarize);
        }
    }

    /// <summary>The state of a new document.</summary>
    public static DocumentState Initial(long sequenceNumber, IEnumerable<QuorumValue> values) =>
        new(sequenceNumber, sequenceNumber, QuorumSnapshot.Initial(sequenceNumber, values), null, []);

    /// <summary>The SN of the last message.</summary>
    public long SequenceNumber => _sequencer.SequenceNumber;

    /// <summary>The MSN.</summary>
    public long MinimumSequenceNumber => _sequencer.MinimumSequenceNumber;

    /// <summary>When the last message was stamped, in milliseconds since the Unix epoch.</summary>
    public long Timestamp => _sequencer.Timestamp;

    /// <summary>The write clients.</summary>
    public IReadOnlyCollection<SequencedClient> Clients => _sequencer.Clients;

    /// <summary>Whether a write client is in the quorum.</summary>
    public bool HasClient(string clientId) => _sequencer.TryGetClient(clientId, out _);

    /// <summary>The quorum after the last message.</summary>
    public QuorumSnapshot Quorum => _quorum.Current;

    /// <summary>The last acknowledged summary; null before the first.</summary>
    public AcknowledgedSummary? LastSummary { get; private set; }

    /// <summary>Summaries that await their answer, in order.</summary>
    public IReadOnlyList<PendingSummary> PendingSummaries => _pendingSummaries;

    /// <summary>The quorum as it was at every number from the MSN on.</summary>
    internal QuorumHistory QuorumHistory => _quorum;

    /// <inheritdoc cref="Sequencer.HasPendingNoOp"/>
    public bool HasPendingNoOp => _sequencer.HasPendingNoOp;

    /// <summary>Stamps the join of a write client.</summary>
    /// <param name="clientId">A new client id.</param>
    /// <param name="detail">Its record.</param>
    /// <param name="maySummarize">Whether it may submit <c>summarize</c>.</param>
    /// <param name="now">Milliseconds since the Unix epoch.</param>
    public SequencedDocumentMessage Join(string clientId, ClientDetail detail, bool maySummarize, long now) =>
        Follow(_sequencer.Join(clientId, maySummarize, SystemMessage.Join(clientId, detail), now));

    /// <inheritdoc cref="Sequencer.TryLeave"/>
    public bool TryLeave(string clientId, long now, out SequencedDocumentMessage message)
    {
        var left = _sequencer.TryLeave(clientId, SystemMessage.Leave(clientId), now, out message);
        if (left)
        {
            Follow(message);
        }

        return left;
    }

    /// <inheritdoc cref="Sequencer.Ticket"/>
    public TicketOutcome Ticket(string clientId, in DocumentMessage op, long now, NackContent? refusal = null)
    {
        var outcome = _sequencer.Ticket(clientId, op, now, refusal);
        if (outcome.Kind == TicketKind.Sequenced)
        {
            Follow(outcome.Message);
        }

        return outcome;
    }

    /// <inheritdoc cref="Sequencer.UpdateReference"/>
    public void UpdateReference(string clientId, long referenceSequenceNumber, long now) =>
        _sequencer.UpdateReference(clientId, referenceSequenceNumber, now);

    /// <inheritdoc cref="Sequencer.SequencePendingNoOp"/>
    public bool SequencePendingNoOp(long now, out SequencedDocumentMessage message)
    {
        var stamped = _sequencer.SequencePendingNoOp(now, out message);
        if (stamped)
        {
            Follow(message);
        }

        return stamped;
    }

    /// <inheritdoc cref="Sequencer.TrySequenceNoClient"/>
    public bool TrySequenceNoClient(long now, out SequencedDocumentMessage message)
    {
        var stamped = _sequencer.TrySequenceNoClient(now, out message);
        if (stamped)
        {
            Follow(message);
        }

        return stamped;
    }

    /// <summary>Stamps the answer to a pending summary.</summary>
    public SequencedDocumentMessage Answer(SummaryAnswer answer, long now) =>
        Follow(_sequencer.SequenceService(answer.Type, answer.ToMembers(), now));

    /// <inheritdoc cref="Sequencer.SilentSince"/>
    public IReadOnlyList<string> SilentSince(long deadline) => _sequencer.SilentSince(deadline);

    /// <summary>Repeats what a stored message did. Messages come in order, the first one above the state's SN.</summary>
    /// <exception cref="MalformedMessageException">The message can not be read, or is not the next one.</exception>
    public void Replay(ReadOnlyMemory<byte> json)
    {
        var message = SequencedMessageReader.Read(json);
        if (message.SequenceNumber != SequenceNumber + 1)
        {
            throw new MalformedMessageException(
                $"The log continues with message {message.SequenceNumber} where {SequenceNumber + 1} was expected");
        }

        try
        {
            var member = message.Type == MessageType.Join ? SystemMessage.ReadJoin(message) : null;
            var systemClientId = message.Type == MessageType.Leave ? SystemMessage.ReadLeave(message) : member?.ClientId;
            _sequencer.Replay(message, systemClientId, member?.Detail.MaySummarize ?? false);
            Follow(message);
        }
        catch (JsonException e)
        {
            throw new MalformedMessageException($"Message {message.SequenceNumber} of the log could not be read: {e.Message}");
        }
    }

    /// <summary>What a stamped message means beyond its numbers.</summary>
    private SequencedDocumentMessage Follow(in SequencedDocumentMessage message)
    {
        // First, since a summarize that says "now" holds what its own number did to the quorum.
        _quorum.Apply(message);
        if (message.Type == MessageType.Summarize)
        {
            Remember(message);
        }
        else if (SummaryAnswer.Read(message) is { } answer)
        {
            Settle(answer);
        }

        return message;
    }

    private void Remember(in SequencedDocumentMessage message)
    {
        // The reference service answers a proposal that covers no more than the last acknowledged one with silence.
        if (LastSummary is { } last && message.ReferenceSequenceNumber <= last.ReferenceSequenceNumber)
        {
            return;
        }

        JsonReading.TryGetMemberOf(message.Members, "contents"u8, out var contents);
        _pendingSummaries.Add(new PendingSummary(
            message.SequenceNumber, message.ReferenceSequenceNumber, contents, _quorum.At(message.ReferenceSequenceNumber)));
    }

    private void Settle(SummaryAnswer answer)
    {
        var index = _pendingSummaries.FindIndex(pending => pending.SequenceNumber == answer.SummarySequenceNumber);
        if (index < 0)
        {
            return;
        }

        if (answer.Handle is { } handle)
        {
            LastSummary = new AcknowledgedSummary(
                handle, _pendingSummaries[index].ReferenceSequenceNumber, answer.SummarySequenceNumber);
        }

        _pendingSummaries.RemoveAt(index);
    }
}
