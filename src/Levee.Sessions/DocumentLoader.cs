using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>Rebuilds a document's state from its checkpoint and the messages after it, or from the log alone.</summary>
public static class DocumentLoader
{
    // Large enough that a page costs little against its replay, small enough to hold in memory.
    private const int PageBytes = 1 << 20;

    /// <summary>Loads the state as of the last stored message, and the SN of the checkpoint that it started from.</summary>
    /// <exception cref="MalformedMessageException">The log can not be replayed.</exception>
    public static async Task<(DocumentState State, long CheckpointSequenceNumber)> LoadAsync(
        IDocumentStore store, DocumentRecord record, CancellationToken cancellationToken)
    {
        var checkpoint = await store.ReadCheckpointAsync(record.Key, cancellationToken);
        // A checkpoint of another version is passed over: the log has everything.
        var state = (checkpoint is null ? null : CheckpointCodec.Decode(checkpoint.State))
            ?? DocumentState.Initial(record.InitialSequenceNumber, QuorumJson.ReadValues(record.InitialState));
        var start = state.SequenceNumber;
        while (true)
        {
            var page = await store.ReadDeltasAsync(
                record.Key, state.SequenceNumber, long.MaxValue, int.MaxValue, PageBytes, cancellationToken);
            if (page.Count == 0)
            {
                return (state, start);
            }

            for (var i = 0; i < page.Count; i++)
            {
                state.Replay(page[i]);
            }
        }
    }
}
