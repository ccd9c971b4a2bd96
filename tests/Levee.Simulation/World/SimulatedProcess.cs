using Levee.Sessions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Levee.Simulation;

/// <summary>
/// A server process: a session directory with its own clock and its own way to the disk. When it dies, all its queued work is dropped
/// for ever, its timers never go off, and its clients' connections break.
/// </summary>
internal sealed class SimulatedProcess : TaskScheduler
{
    private readonly Simulation _simulation;
    private readonly List<Task> _started = [];
    private int _clientIds;

    public SimulatedProcess(Simulation simulation, int id, SessionOptions options)
    {
        _simulation = simulation;
        Number = id;
        Time = new VirtualTime(simulation.Scheduler, this);
        Store = new DiskConnection(simulation.Disk, this);
        Directory = new SessionDirectory(new SessionServices
        {
            Store = Store,
            Options = options,
            Logger = NullLogger<DocumentSession>.Instance,
            Time = Time,
            Scheduler = this,
            NewClientId = () => $"p{Number}c{++_clientIds}",
        });
    }

    public int Number { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>A process that stops takes no new clients.</summary>
    public bool IsStopping { get; set; }

    public VirtualTime Time { get; }

    public DiskConnection Store { get; }

    public SessionDirectory Directory { get; }

    /// <summary>The connections that it serves.</summary>
    public List<SimulatedConnection> Connections { get; } = [];

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Tasks that have been started and have not ended.</summary>
    public int Running
    {
        get
        {
            Prune();
            return _started.Count;
        }
    }

    /// <summary>Runs work of the process, continuations included, on the simulation's scheduler.</summary>
    public void Run(Func<Task> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <summary>Runs one queued task; one that starts an asynchronous method is watched until that ends.</summary>
    public void Execute(Task task)
    {
        TryExecuteTask(task);
        if (task.IsFaulted)
        {
            _simulation.Violate($"Unhandled exception: {task.Exception}");
        }
        else if (task is Task<Task> { IsCompletedSuccessfully: true } started)
        {
            _started.Add(started.Result);
            if (_started.Count % 64 == 0)
            {
                Prune();
            }
        }
    }

    /// <summary>Ends the process between two steps.</summary>
    public void Kill()
    {
        if (!IsAlive)
        {
            return;
        }

        Prune();
        IsAlive = false;
        foreach (var connection in Connections)
        {
            connection.ProcessDied();
        }
    }

    /// <summary>Fails the run when a task of the process ended with an exception that nobody handled.</summary>
    public void Prune()
    {
        foreach (var faulted in _started.Where(task => task.IsFaulted))
        {
            _simulation.Violate($"Unhandled exception: {faulted.Exception}");
        }

        _started.RemoveAll(task => task.IsCompleted);
    }

    protected override void QueueTask(Task task) => _simulation.Scheduler.Post(this, task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => [];
}
