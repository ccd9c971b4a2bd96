using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <content>
/// The service's own summary, once nobody writes any more: written beside the loop, and made the head by the same append as the <c>noClient</c>
/// message that announces it. If the session ends before that, commit and message are both missing.
/// </content>
public sealed partial class DocumentSession
{
    // The first op ends the search for one, and few messages come before it.
    private const int RecoveryPageBytes = 1 << 16;

    // Coming and going alone is not worth a version.
    private bool _hasNewOps;
    private bool _isWritingServiceSummary;

    private bool IsServiceSummaryDue => _isWritingServiceSummary || _deadlines.ServiceSummary is not null;

    private bool MayServiceSummarize => _services.Options.ServiceSummary && _hasNewOps && _head is not null && _state.Clients.Count == 0;

    private void ScheduleServiceSummary()
    {
        if (MayServiceSummarize)
        {
            _deadlines.ServiceSummary = _deadlines.In(_services.Options.ServiceSummaryDelay);
        }
    }

    /// <summary>
    /// Whether a client's op came after the last service summary or, when the head is a client's summary or the initial one, after what that covers:
    /// the session that took it may have ended before it made a summary.
    /// </summary>
    private async Task<bool> HasOpsSinceHeadAsync()
    {
        if (!_services.Options.ServiceSummary || HeadId is not { } head)
        {
            return false;
        }

        var after = CoveredSequenceNumber;
        if (head.ToString() != _state.LastSummary?.Handle)
        {
            after = await new ServiceSummary(_services.Store, _services.Time).FindNumberAsync(Key, head, CancellationToken.None) ?? after;
        }

        while (true)
        {
            var page = await _services.Store.ReadDeltasAsync(Key, after, _state.SequenceNumber, int.MaxValue, RecoveryPageBytes, CancellationToken.None);
            if (page.Count == 0)
            {
                return false;
            }

            for (var i = 0; i < page.Count; i++)
            {
                var message = SequencedMessageReader.Read(page[i]);
                if (message.ClientId is not null)
                {
                    return true;
                }

                after = message.SequenceNumber;
            }
        }
    }

    private void BeginServiceSummary()
    {
        _deadlines.ServiceSummary = null;
        if (!MayServiceSummarize || _isWritingServiceSummary || HeadId is not { } head)
        {
            return;
        }

        if (_published != _state.SequenceNumber || _checking is not null || _state.PendingSummaries.Count > 0)
        {
            // Something is still on its way to the log, or a client's summary is being answered, which is better than ours.
            ScheduleServiceSummary();
            return;
        }

        _isWritingServiceSummary = true;
        var (covered, through) = (CoveredSequenceNumber, _published);
        _services.Start(() => WriteServiceSummaryAsync(head, covered, through));
    }

    private async Task WriteServiceSummaryAsync(ObjectId head, long covered, long through)
    {
        try
        {
            var commit = await new ServiceSummary(_services.Store, _services.Time).WriteAsync(Key, head, covered, through, CancellationToken.None);
            await PostAsync(new SessionCommand.ServiceSummaryWritten(through, commit));
        }
        catch (Exception e)
        {
            await PostAsync(new SessionCommand.Fail(e));
        }
    }

    /// <summary>Makes the summary the head, unless something has happened since it was begun: then its commit is one that nothing names.</summary>
    private void TakeServiceSummary(SessionCommand.ServiceSummaryWritten written)
    {
        _isWritingServiceSummary = false;
        if (written.Commit is not { } commit)
        {
            LogNoServiceSummary(_services.Logger, Key, CoveredSequenceNumber);
            _hasNewOps = false;
            return;
        }

        if (_state.SequenceNumber != written.SequenceNumber || !_state.TrySequenceNoClient(_services.Now, out var noClient))
        {
            // Somebody came; the last to leave makes it due again.
            ScheduleServiceSummary();
            return;
        }

        LogServiceSummary(_services.Logger, Key, noClient.SequenceNumber, commit.ToString());
        _batch.Add(noClient);
        _batch.Head = new HeadUpdate(HeadId, commit);
        _hasNewOps = false;
    }
}
