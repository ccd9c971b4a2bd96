using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// What one turn of the session has sequenced, and what clients learn of it once it is durable: nothing becomes visible before.
/// </summary>
internal sealed class PendingBatch(int maxBytes)
{
    // Nacks and repeats cost no bytes in the log, but each leaves an effect to remember.
    private const int MaxEffects = 10_000;

    private readonly DeltaBatchBuilder _deltas = new();
    private List<DocumentConnection> _admissions = [];
    private List<Action> _effects = [];

    /// <summary>True when nothing more should be added before this is committed.</summary>
    public bool IsFull => _deltas.Bytes >= maxBytes || _effects.Count >= MaxEffects;

    /// <summary>True when there is nothing to write and nothing to tell.</summary>
    public bool IsEmpty => _deltas.Count == 0 && _admissions.Count == 0 && _effects.Count == 0;

    /// <summary>The head that the batch acknowledges.</summary>
    public HeadUpdate? Head { get; set; }

    public void Add(in SequencedDocumentMessage message) => _deltas.Add(message);

    /// <summary>A connection to admit once the batch is durable, before its messages go out: its own join is the first that it may need.</summary>
    public void Admit(DocumentConnection connection) => _admissions.Add(connection);

    /// <summary>Something to do, in order, once everything that was sequenced before is durable and delivered.</summary>
    public void AfterCommit(Action effect) => _effects.Add(effect);

    /// <summary>Takes what there is and starts afresh.</summary>
    public SealedBatch Take()
    {
        var batch = new SealedBatch(_deltas.Count > 0 ? _deltas.Build() : null, Head, _admissions, _effects);
        Head = null;
        _admissions = [];
        _effects = [];
        return batch;
    }
}

/// <summary>A batch that goes to the log as it is.</summary>
internal sealed record SealedBatch(
    DeltaBatch? Deltas, HeadUpdate? Head, IReadOnlyList<DocumentConnection> Admissions, IReadOnlyList<Action> Effects);
