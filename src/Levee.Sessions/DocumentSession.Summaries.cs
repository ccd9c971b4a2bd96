using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <content>
/// How summaries are answered: one at a time and in order, checked and written beside the loop, and acknowledged by a sequenced
/// message that the log commits together with the move of the head. After a crash either both are there, or neither, and
/// recovery finds the summary pending and answers it again.
/// </content>
public sealed partial class DocumentSession
{
    // The summary whose answer is being worked on, until that answer is durable.
    private PendingSummary? _checking;

    private ObjectId? HeadId => ObjectId.TryParse(_head?.Handle, out var head) ? head : null;

    /// <summary>What the newest acknowledged summary covers, or the initial one. A service summary covers no more than the one that it repeats.</summary>
    private long CoveredSequenceNumber => _state.LastSummary?.ReferenceSequenceNumber ?? _initialSequenceNumber;

    /// <summary>Why ops are refused when a summary is overdue; null when none is. In the reference service's words.</summary>
    private NackContent? RefusalWithoutSummary() =>
        _services.Options.MaxOpsSinceSummary is > 0 and var most && _state.SequenceNumber - CoveredSequenceNumber >= most
            ? NackContent.Throttling("Submit a summary before inserting additional operations", retryAfter: 10)
            : null;

    private void CheckNextSummary()
    {
        if (_checking is not null || _state.PendingSummaries is not [var next, ..] || next.SequenceNumber > _published)
        {
            return;
        }

        _checking = next;
        var head = HeadId;
        var last = _state.LastSummary;
        _services.Start(() => CheckSummaryAsync(next, head, last));
    }

    private async Task CheckSummaryAsync(PendingSummary summary, ObjectId? head, AcknowledgedSummary? last)
    {
        try
        {
            var verdict = await new SummaryWriter(_services.Store, _services.Time).AnswerAsync(Key, summary, head, last, CancellationToken.None);
            await PostAsync(new SessionCommand.SummaryChecked(summary, verdict));
        }
        catch (Exception e)
        {
            // Neither acknowledged nor refused: it stays pending, and is answered when the document is loaded again.
            await PostAsync(new SessionCommand.Fail(e));
        }
    }

    private void AnswerSummary(PendingSummary summary, SummaryVerdict verdict)
    {
        if (verdict.Commit is { } commit)
        {
            LogSummaryAcknowledged(_services.Logger, Key, summary.SequenceNumber, commit.ToString());
            _batch.Head = new HeadUpdate(HeadId, commit);
        }
        else
        {
            LogSummaryRefused(_services.Logger, Key, summary.SequenceNumber, verdict.Refusal!);
        }

        var answer = new SummaryAnswer(summary.SequenceNumber, verdict.Commit?.ToString(), verdict.Refusal);
        _batch.Add(_state.Answer(answer, _services.Now));
        _batch.AfterCommit(() => _checking = null);
    }
}
