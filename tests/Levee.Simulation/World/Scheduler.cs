namespace Levee.Simulation;

/// <summary>
/// The one scheduler of a simulation: on one thread, it runs one piece of ready work after the other, chosen by the seed. Virtual time
/// passes a little with each step, and jumps when nothing is ready.
/// </summary>
internal sealed class Scheduler(SeededRandom random, Trace trace)
{
    // What a step takes, in ticks: 5 microseconds.
    private const long StepTicks = 50;

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Work> _ready = [];
    private readonly PriorityQueue<Timed, (long Due, long Order)> _timed = new();
    private long _order;

    /// <summary>Virtual time, in ticks.</summary>
    public long Now { get; private set; }

    /// <summary>How many pieces of work were run.</summary>
    public long Steps { get; private set; }

    /// <summary>How often the newest of the ready work is taken instead of any: some bugs need a burst of one thing.</summary>
    public double NewestFirst { get; set; }

    /// <summary>Where work came from another thread; null when it never did.</summary>
    public string? Stray { get; private set; }

    /// <summary>Makes work ready: an <see cref="Action"/>, or a task of the owner's scheduler.</summary>
    public void Post(SimulatedProcess? owner, object what)
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Stray ??= Environment.StackTrace;
            return;
        }

        if (owner is null or { IsAlive: true })
        {
            _ready.Add(new Work(owner, what));
        }
    }

    /// <summary>Makes work ready after a time. The owner's death undoes it.</summary>
    public Timed After(TimeSpan delay, Action action, SimulatedProcess? owner = null)
    {
        var timed = new Timed(owner, action);
        _timed.Enqueue(timed, (Now + Math.Max(0, delay.Ticks), _order++));
        return timed;
    }

    /// <summary>Fails the run when it is called from another thread than the simulation's.</summary>
    public void RequireOwnThread()
    {
        if (Environment.CurrentManagedThreadId != _thread)
        {
            Stray ??= Environment.StackTrace;
        }
    }

    /// <summary>Runs one piece of work; false when there is none, now or later.</summary>
    public bool Step()
    {
        while (true)
        {
            MakeDueReady();
            if (_ready.Count == 0)
            {
                if (!_timed.TryPeek(out _, out var next))
                {
                    return false;
                }

                Now = Math.Max(Now, next.Due);
                continue;
            }

            var index = random.Chance(NewestFirst) ? _ready.Count - 1 : random.Below(_ready.Count);
            var work = _ready[index];
            _ready[index] = _ready[^1];
            _ready.RemoveAt(_ready.Count - 1);
            if (work.Owner is { IsAlive: false })
            {
                continue;
            }

            Steps++;
            Now += StepTicks;
            trace.Mix((ulong)index);
            Run(work);
            return true;
        }
    }

    private static void Run(Work work)
    {
        switch (work.What)
        {
            case Task task:
                work.Owner!.Execute(task);
                break;
            case Timed timed:
                timed.Run();
                break;
            default:
                ((Action)work.What)();
                break;
        }
    }

    private void MakeDueReady()
    {
        while (_timed.TryPeek(out var timed, out var when) && (when.Due <= Now || timed.IsCancelled))
        {
            _timed.Dequeue();
            if (!timed.IsCancelled)
            {
                _ready.Add(new Work(timed.Owner, timed));
            }
        }
    }

    private readonly record struct Work(SimulatedProcess? Owner, object What);
}

/// <summary>Work that is to be done later, unless it is cancelled before.</summary>
internal sealed class Timed(SimulatedProcess? owner, Action action)
{
    private Action? _action = action;

    public SimulatedProcess? Owner { get; } = owner;

    public bool IsCancelled => _action is null || Owner is { IsAlive: false };

    /// <summary>Does the work, unless somebody has cancelled it since it became ready.</summary>
    public void Run()
    {
        var due = _action;
        _action = null;
        due?.Invoke();
    }

    public void Cancel() => _action = null;
}
