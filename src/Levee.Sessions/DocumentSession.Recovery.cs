using Levee.Storage;

namespace Levee.Sessions;

/// <content>How a session starts from what is stored.</content>
public sealed partial class DocumentSession
{
    /// <summary>Loads the document and makes its ghosts leave. Null, or why the session ends at once.</summary>
    private async Task<SessionEnd?> RecoverAsync()
    {
        var record = await _services.Store.FindDocumentAsync(Key, CancellationToken.None);
        if (record is null && _services.Options.CreateOnConnect && DocumentId.IsValid(Key.DocumentId))
        {
            await _services.Store.CreateDocumentAsync(DocumentCreation.Empty(Key, _services.Time.GetUtcNow()), CancellationToken.None);
            record = await _services.Store.FindDocumentAsync(Key, CancellationToken.None);
        }

        if (record is null)
        {
            return SessionEnd.UnknownDocument;
        }

        (_state, _checkpointed) = await DocumentLoader.LoadAsync(_services.Store, record, CancellationToken.None);
        _published = _state.SequenceNumber;
        _initialSequenceNumber = record.InitialSequenceNumber;
        if (await _services.Store.FindRefAsync(Key.TenantId, GitRef.OfDocument(Key.DocumentId), CancellationToken.None) is { } head)
        {
            _head = new SummaryContext(head.ToString(), CoveredSequenceNumber);
        }

        _hasNewOps = await HasOpsSinceHeadAsync();
        var ghosts = DismissGhosts();
        LogStarted(_services.Logger, Key, _state.SequenceNumber, ghosts);
        _deadlines.Unload = _deadlines.In(_services.Options.IdleUnloadTimeout);
        BeginCommit();
        CheckNextSummary();
        ScheduleServiceSummary();
        _deadlines.Arm();
        return null;
    }

    /// <summary>
    /// Whoever the log shows as joined and not left is gone: its connection ended with the session before. Ghosts would hold the MSN
    /// down for ever, and the oldest would be elected summarizer.
    /// </summary>
    private int DismissGhosts()
    {
        var ghosts = _state.Quorum.Members.Values.ToList();
        foreach (var ghost in ghosts)
        {
            if (_state.TryLeave(ghost.ClientId, _services.Now, out var leave))
            {
                _batch.Add(leave);
            }
        }

        return ghosts.Count;
    }
}
