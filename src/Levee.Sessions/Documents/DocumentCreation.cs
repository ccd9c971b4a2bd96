using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>What a new document starts with.</summary>
public static class DocumentCreation
{
    /// <summary>A document without summary and values, whose first message has number 1.</summary>
    public static NewDocument Empty(DocumentKey key, DateTimeOffset now) => Create(key, now, 0, []);

    /// <summary>A document with accepted values, whose log starts one above <paramref name="sequenceNumber"/>.</summary>
    public static NewDocument Create(DocumentKey key, DateTimeOffset now, long sequenceNumber, IEnumerable<QuorumValue> values) => new()
    {
        Key = key,
        CreatedAt = now,
        InitialSequenceNumber = sequenceNumber,
        // Fluid's own form, and not a checkpoint: it must stay readable when the form of checkpoints changes.
        InitialState = QuorumJson.Values(QuorumSnapshot.Initial(sequenceNumber, values)),
    };
}
