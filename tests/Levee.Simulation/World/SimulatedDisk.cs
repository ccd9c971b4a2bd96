using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Simulation;

/// <summary>
/// What is kept. A write reaches the disk's memory first, where fences and heads are compared, then a sync makes it and everything before
/// it durable, and only then does it complete. Readers see what is durable. A crash keeps a prefix of what was not synced.
/// </summary>
internal sealed class SimulatedDisk(Simulation simulation)
{
    private readonly Dictionary<DocumentKey, StoredDocument> _documents = [];
    private readonly Dictionary<ObjectId, GitObject> _objects = [];
    private readonly Queue<DiskWrite> _unsynced = new();
    private readonly List<DiskWrite> _underWay = [];
    private readonly SeededRandom _random = simulation.Random.Fork();
    private Timed? _sync;
    private int _reads;

    /// <summary>How many requests have not been answered.</summary>
    public int Pending => _underWay.Count + _unsynced.Count + _reads;

    private Faults Faults => simulation.Faults;

    public StoredDocument? Find(DocumentKey key) => _documents.GetValueOrDefault(key);

    public GitObject? FindObject(ObjectId id) => _objects.GetValueOrDefault(id);

    public ObjectId? FindHead(string name) => GitRef.DocumentOf(name) is { } id
        ? _documents.Values.FirstOrDefault(document => document.Key.DocumentId == id)?.Head
        : null;

    /// <summary>Adds a document, before anything happens.</summary>
    public void Create(NewDocument document)
    {
        foreach (var item in document.Objects)
        {
            _objects.TryAdd(item.Id, item);
        }

        _documents[document.Key] = new StoredDocument(document);
        simulation.Checker.Created(document);
    }

    /// <summary>Starts a write on its way.</summary>
    public void Write(DiskWrite write)
    {
        if (write.Append is { Head: { } head } moving && simulation.Defect == Defect.MovesHeadAlone)
        {
            _documents[moving.Key].MoveHead(head.Target);
        }

        if (_random.Chance(Faults.WriteFails))
        {
            simulation.Statistics.Count("failed writes");
            _underWay.Add(write);
            simulation.Scheduler.After(Delay(), () => End(write, () => write.Fail()));
            return;
        }

        _underWay.Add(write);
        var delay = Delay();
        if (_random.Chance(Faults.WriteIsAmbiguous))
        {
            simulation.Statistics.Count("ambiguous writes");
            simulation.Scheduler.After(Delay(), write.Fail);
            delay += _random.Chance(0.5) ? _random.UpTo(TimeSpan.FromSeconds(3)) : TimeSpan.Zero;
        }

        simulation.Scheduler.After(delay, () => End(write, () => Execute(write)));
    }

    /// <summary>Answers a read, in a while, with what is durable then.</summary>
    public void Read(SimulatedProcess process, Action answer, Action fail)
    {
        _reads++;
        var delay = Delay();
        if (_random.Chance(Faults.ReadIsSlow))
        {
            simulation.Statistics.Count("slow reads");
            delay += _random.UpTo(TimeSpan.FromSeconds(2));
        }

        var fails = _random.Chance(Faults.ReadFails);
        simulation.Scheduler.After(delay, () =>
        {
            _reads--;
            if (!process.IsAlive)
            {
                return;
            }

            if (fails)
            {
                simulation.Statistics.Count("failed reads");
            }

            (fails ? fail : answer)();
        });
    }

    /// <summary>A process has died: what it asked for is not done, or some of it later.</summary>
    public void ProcessDied(SimulatedProcess process)
    {
        var its = _underWay.Where(write => write.Process == process).ToList();
        var kept = Faults.LateEffects ? _random.Below(its.Count + 1) : 0;
        foreach (var write in its.Skip(kept))
        {
            write.IsCancelled = true;
        }
    }

    /// <summary>The power is gone: all that is in memory goes, but for a prefix that was just being written.</summary>
    public void Crash()
    {
        foreach (var write in _underWay)
        {
            write.IsCancelled = true;
        }

        _sync?.Cancel();
        _sync = null;
        var survivors = _random.Below(_unsynced.Count + 1);
        while (survivors-- > 0)
        {
            Apply(_unsynced.Dequeue());
        }

        if (simulation.Defect == Defect.TearsTransactions && _unsynced.TryPeek(out var torn) && torn.Append is { Deltas.Count: > 0 } append)
        {
            // The log's file and the rest of the transaction were not written together.
            _documents[append.Key].Keep(append with { Head = null, Checkpoint = append.Checkpoint }, isTorn: true);
        }

        if (simulation.Defect == Defect.LosesDurableWrites)
        {
            foreach (var document in _documents.Values)
            {
                document.LoseLast();
            }
        }

        _unsynced.Clear();
        foreach (var document in _documents.Values)
        {
            document.ForgetUnsynced();
        }
    }

    private TimeSpan Delay() => _random.UpTo(Faults.DiskLatency);

    private void End(DiskWrite write, Action end)
    {
        _underWay.Remove(write);
        if (!write.IsCancelled)
        {
            end();
        }
    }

    private void Execute(DiskWrite write)
    {
        var outcome = write.Append is { } append ? Compare(append) : AppendOutcome.Appended;
        if (outcome != AppendOutcome.Appended)
        {
            simulation.Statistics.Count(outcome == AppendOutcome.Fenced ? "fenced appends" : "other refused appends");
            simulation.Scheduler.After(Delay(), () => write.Succeed(outcome));
            return;
        }

        _unsynced.Enqueue(write);
        if (simulation.Defect == Defect.AcknowledgesBeforeSync)
        {
            write.Succeed(AppendOutcome.Appended);
        }

        if (_sync is null)
        {
            var delay = Delay();
            if (_random.Chance(Faults.WriteStalls))
            {
                simulation.Statistics.Count("stalled syncs");
                delay += _random.UpTo(TimeSpan.FromSeconds(20));
            }

            _sync = simulation.Scheduler.After(delay, Sync);
        }
    }

    private AppendOutcome Compare(AppendRequest append)
    {
        if (!_documents.TryGetValue(append.Key, out var document))
        {
            return AppendOutcome.UnknownDocument;
        }

        return document.Take(append, simulation.Defect == Defect.HasNoFence);
    }

    private void Sync()
    {
        _sync = null;
        while (_unsynced.TryDequeue(out var write))
        {
            Apply(write);
            simulation.Scheduler.After(Delay(), () => write.Succeed(AppendOutcome.Appended));
        }
    }

    private void Apply(DiskWrite write)
    {
        foreach (var item in write.Objects)
        {
            _objects.TryAdd(item.Id, item);
        }

        if (write.Append is { } append)
        {
            _documents[append.Key].Keep(append, isTorn: false);
            simulation.Checker.Stored(append, write.Process);
        }
        else if (write.Checkpoint is var (key, checkpoint))
        {
            write.CheckpointKept = _documents.TryGetValue(key, out var document) && document.Keep(checkpoint);
        }
    }
}
