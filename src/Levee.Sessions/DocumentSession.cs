using System.Diagnostics;
using System.Threading.Channels;
using Levee.Protocol;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// A live document: an actor with one mailbox and one loop, so that nothing in it needs a lock. Each turn of the loop takes all that
/// waits, sequences it, and hands it to the log; the next turn is sequenced while the log commits. Nothing is told to anybody
/// before it is durable. The loop is here; what each command does is in <c>DocumentSession.Commands.cs</c>.
/// </summary>
public sealed partial class DocumentSession
{
    private readonly SessionServices _services;
    private readonly Channel<SessionCommand> _mailbox;
    private readonly ByteBudget _mailboxBytes;
    private readonly WakeUp _wakeUp = new();
    private readonly Action _signal;
    private readonly PendingBatch _batch;
    private readonly RecentDeltas _recent;
    private readonly Deadlines _deadlines;
    private readonly HashSet<DocumentConnection> _connections = [];

    // Set by recovery, before the first command is handled.
    private DocumentState _state = null!;
    private SummaryContext? _head;
    private long _initialSequenceNumber;
    private long _published;
    private long _checkpointed;

    private Commit? _commit;
    private SessionEnd? _ending;
    private bool _isUnloadDue;

    /// <summary>Creates the session of a document; <see cref="RunAsync"/> sets it going.</summary>
    internal DocumentSession(DocumentKey key, SessionServices services)
    {
        Key = key;
        _services = services;
        _mailbox = Channel.CreateBounded<SessionCommand>(
            new BoundedChannelOptions(services.Options.MailboxCapacity) { SingleReader = true });
        _mailboxBytes = new ByteBudget(services.Options.MailboxBytes);
        _batch = new PendingBatch(services.Options.MaxBatchBytes);
        _recent = new RecentDeltas(services.Options.RecentBytes);
        _signal = _wakeUp.Signal;
        _deadlines = new Deadlines(services.Time, _signal);
    }

    /// <summary>The document.</summary>
    public DocumentKey Key { get; }

    private sealed record Commit(Task<AppendOutcome> Outcome, SealedBatch Batch);

    /// <summary>
    /// Runs the session until it ends. What waits in the mailbox then is returned: connections among it have not been answered.
    /// </summary>
    internal async Task<(SessionEnd End, IReadOnlyList<SessionCommand> Left)> RunAsync()
    {
        var end = SessionEnd.Failed;
        try
        {
            end = await RecoverAsync() ?? await ServeAsync();
            if (end is SessionEnd.Idle or SessionEnd.Stopped)
            {
                await WriteCheckpointAsync();
            }
        }
        catch (Exception e) when (StorageFailureIn(e) is { } failure)
        {
            // The store has logged the cause once, for all documents.
            LogStorageFailed(_services.Logger, Key, failure.Message);
            end = SessionEnd.StorageUnavailable;
        }
        catch (Exception e)
        {
            // The one place where a session fails: nothing more is acknowledged, and everybody is told to come again.
            LogFailed(_services.Logger, Key, e);
            end = SessionEnd.Failed;
        }

        if (_commit is { } commit)
        {
            // The next session must find the log at rest, however this one ended.
            await Task.WhenAny(commit.Outcome);
        }

        return (end, Close(end));
    }

    /// <summary>The failure of a store that may work again; null when trying again would not help, as with what is damaged.</summary>
    private static StorageException? StorageFailureIn(Exception failure) =>
        (failure as StorageException ?? failure.InnerException as StorageException) is { Fault: not StorageFault.Damaged } cause ? cause : null;

    /// <summary>Puts a command into the mailbox, waiting for room. False when the session has ended.</summary>
    internal async ValueTask<bool> PostAsync(SessionCommand command)
    {
        if (command.Bytes > 0)
        {
            await _mailboxBytes.TakeAsync(command.Bytes);
        }

        while (!_mailbox.Writer.TryWrite(command))
        {
            if (!await _mailbox.Writer.WaitToWriteAsync())
            {
                Release(command);
                return false;
            }
        }

        _wakeUp.Signal();
        return true;
    }

    private void Release(SessionCommand command)
    {
        if (command.Bytes > 0)
        {
            _mailboxBytes.Release(command.Bytes);
        }
    }

    private async Task<SessionEnd> ServeAsync()
    {
        while (true)
        {
            await WaitForWorkAsync();
            if (_commit is { Outcome.IsCompleted: true } commit)
            {
                _commit = null;
                if (await commit.Outcome is var outcome and not AppendOutcome.Appended)
                {
                    LogNotAppended(_services.Logger, Key, commit.Batch.Deltas!.FirstSequenceNumber, outcome);
                    return SessionEnd.Fenced;
                }

                Publish(commit.Batch);
            }

            while (_ending is null && !_batch.IsFull && _mailbox.Reader.TryRead(out var command))
            {
                Handle(command);
            }

            HandleDeadlines();
            BeginCommit();
            UnloadIfIdle();
            if (_ending is { } end && _commit is null && _batch.IsEmpty)
            {
                return end;
            }

            _deadlines.Arm();
        }
    }

    /// <summary>A command or a deadline or, while a batch is being committed, its end; that alone when no more is taken.</summary>
    private bool HasWork =>
        _commit is { Outcome.IsCompleted: true }
        || (_ending is null && !_batch.IsFull && (_deadlines.HasFired || _mailbox.Reader.TryPeek(out _)));

    private async ValueTask WaitForWorkAsync()
    {
        while (!HasWork)
        {
            await _wakeUp.WaitAsync();
        }
    }

    /// <summary>Hands the sequenced messages to the log, unless it is still busy with the batch before.</summary>
    private void BeginCommit()
    {
        if (_commit is not null || _batch.IsEmpty)
        {
            return;
        }

        var batch = _batch.Take();
        if (batch.Deltas is not { } deltas)
        {
            // Nothing to make durable, only something to tell.
            Publish(batch);
            return;
        }

        Debug.Assert(deltas.LastSequenceNumber == _state.SequenceNumber, "The batch holds all that was sequenced.");
        var isCheckpointDue = _state.SequenceNumber - _checkpointed >= _services.Options.CheckpointInterval;
        var request = new AppendRequest
        {
            Key = Key,
            Deltas = deltas,
            Head = batch.Head,
            Checkpoint = isCheckpointDue ? CurrentCheckpoint() : null,
        };
        if (isCheckpointDue)
        {
            _checkpointed = _state.SequenceNumber;
        }

        var outcome = _services.Store.AppendAsync(request, CancellationToken.None).AsTask();
        _commit = new Commit(outcome, batch);
        if (!outcome.IsCompleted)
        {
            outcome.GetAwaiter().UnsafeOnCompleted(_signal);
        }
    }

    /// <summary>Tells everybody what has become durable.</summary>
    private void Publish(SealedBatch batch)
    {
        foreach (var connection in batch.Admissions)
        {
            Admit(connection);
        }

        if (batch.Deltas is { } deltas)
        {
            Broadcast(deltas);
        }

        if (batch.Head is { } head)
        {
            _head = new SummaryContext(head.Target.ToString(), CoveredSequenceNumber);
        }

        foreach (var effect in batch.Effects)
        {
            effect();
        }

        CheckNextSummary();
    }

    private Checkpoint CurrentCheckpoint() => new(_state.SequenceNumber, CheckpointCodec.Encode(_state));

    private async Task WriteCheckpointAsync()
    {
        if (_state.SequenceNumber > _checkpointed)
        {
            await _services.Store.WriteCheckpointAsync(Key, CurrentCheckpoint(), CancellationToken.None);
        }
    }
}
