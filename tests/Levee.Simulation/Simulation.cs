using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>
/// One run: documents, processes and clients on one seeded scheduler. First a time of trouble, then a quiet one in which everything must come
/// to rest. The first broken rule ends it.
/// </summary>
internal sealed class Simulation
{
    // What the quiet time may take: far more than it ever needs.
    private const long QuietSteps = 300_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private readonly List<SimulatedProcess> _processes = [];
    private readonly List<SimulatedClient> _clients = [];
    private readonly Nemesis _nemesis;
    private string? _violation;
    private int _processNumbers;

    private Simulation(ulong seed, Defect defect)
    {
        Seed = seed;
        Defect = defect;
        Random = new SeededRandom(seed);
        Scheduler = new Scheduler(Random.Fork(), Trace);
        Faults = Faults.Draw(Random);
        Scheduler.NewestFirst = Faults.NewestFirst;
        var clients = Random.Between(2, 12);
        Options = Faults.DrawOptions(Random, clients);
        Checker = new Checker(this);
        Disk = new SimulatedDisk(this);
        _nemesis = new Nemesis(this);
        StartProcess();
        CreateDocuments(clients);
    }

    public ulong Seed { get; }

    public Defect Defect { get; }

    public SeededRandom Random { get; }

    public Trace Trace { get; } = new();

    public Statistics Statistics { get; } = new();

    public Scheduler Scheduler { get; }

    /// <summary>The faults of now.</summary>
    public Faults Faults { get; private set; }

    public SessionOptions Options { get; }

    public Checker Checker { get; }

    public SimulatedDisk Disk { get; }

    /// <summary>True when nobody does anything new any more.</summary>
    public bool IsQuiet { get; private set; }

    public IReadOnlyList<SimulatedClient> Clients => _clients;

    /// <summary>The processes that are alive.</summary>
    public IEnumerable<SimulatedProcess> Living => _processes.Where(process => process.IsAlive);

    /// <summary>Runs a seed for about so many steps, on a thread of its own: no synchronization context, and only one thread may ever appear.</summary>
    public static Result Run(ulong seed, long steps, Defect defect = Defect.None)
    {
        Result? result = null;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = new Simulation(seed, defect).Run(steps);
            }
            catch (Exception e)
            {
                // The simulator's own failure, to be thrown where somebody waits for the result.
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return result ?? throw new InvalidOperationException($"Seed {seed} could not be run.", failure);
    }

    /// <summary>A rule was broken. The first one counts.</summary>
    public void Violate(string what) => _violation ??= what;

    /// <summary>A process for a client that connects; null when there is none.</summary>
    public SimulatedProcess? FindProcess()
    {
        var open = Living.Where(process => !process.IsStopping).ToList();
        return open.Count == 0 ? null : Random.Pick(open);
    }

    public SimulatedProcess StartProcess()
    {
        Statistics.Count("processes");
        _processes.RemoveAll(process => !process.IsAlive);
        var process = new SimulatedProcess(this, ++_processNumbers, Options);
        _processes.Add(process);
        return process;
    }

    /// <summary>Ends a process on the spot.</summary>
    public void Kill(SimulatedProcess process)
    {
        Trace.Add(Scheduler, "kill", process.Number);
        process.Kill();
        Disk.ProcessDied(process);
        Checker.AfterDeath();
    }

    private Result Run(long steps)
    {
        _nemesis.Start();
        foreach (var client in _clients)
        {
            client.Start();
        }

        var troubled = StepUntil(() => Scheduler.Steps >= steps, steps, TimeSpan.MaxValue);
        if (troubled)
        {
            ComeToRest();
        }

        return new Result(Seed, Scheduler.Steps, TimeSpan.FromTicks(Scheduler.Now), Trace.Hash, Statistics, _violation, [.. Trace.Last(200)]);
    }

    private void ComeToRest()
    {
        IsQuiet = true;
        Faults = Faults.None;
        Scheduler.NewestFirst = 0;
        _nemesis.LeaveOneProcess();
        foreach (var client in _clients)
        {
            client.Thaw();
        }

        if (!StepUntil(() => _clients.All(client => client.HasConverged), QuietSteps, Patience))
        {
            Violate(_clients.FirstOrDefault(client => !client.HasConverged)?.Describe() is { } who ? $"Not everybody converged: {who}" : "Nothing happens any more");
            return;
        }

        foreach (var client in _clients)
        {
            client.Retire();
        }

        if (!StepUntil(IsEmpty, QuietSteps, Patience))
        {
            Violate($"Something is left: {string.Join("; ", Living.Select(process => $"process {process.Number}: {process.Directory.Count} sessions, {process.Time.ActiveTimers} timers, {process.Running} tasks"))}, {Disk.Pending} requests");
            return;
        }

        Checker.AllIsOver();
        RequireSameWithoutCheckpoints();
    }

    /// <summary>A document's state is the same whether it is loaded from its checkpoint or from its log alone.</summary>
    private void RequireSameWithoutCheckpoints()
    {
        var process = Living.First();
        var loaded = new List<byte[]>();
        process.Run(async () =>
        {
            foreach (var document in Checker.Documents)
            {
                foreach (var hidden in new[] { false, true })
                {
                    process.Store.HidesCheckpoints = hidden;
                    var record = await process.Store.FindDocumentAsync(document.Key, CancellationToken.None);
                    var (state, _) = await DocumentLoader.LoadAsync(process.Store, record!, CancellationToken.None);
                    loaded.Add(CheckpointCodec.Encode(state));
                }
            }
        });
        var expected = Checker.Documents.Count() * 2;
        if (StepUntil(() => loaded.Count == expected, QuietSteps, Patience)
            && Enumerable.Range(0, expected / 2).Any(i => !loaded[2 * i].AsSpan().SequenceEqual(loaded[(2 * i) + 1])))
        {
            Violate("A document is not the same when it is loaded from its log alone");
        }
    }

    private bool IsEmpty() => Disk.Pending == 0
        && Living.All(process => process.Directory.Count == 0 && process.Time.ActiveTimers == 0 && process.Running == 0);

    /// <summary>Steps until something holds. False when a rule is broken before, or it takes too long.</summary>
    private bool StepUntil(Func<bool> holds, long most, TimeSpan patience)
    {
        var lastStep = Scheduler.Steps + most;
        var deadline = patience == TimeSpan.MaxValue ? long.MaxValue : Scheduler.Now + patience.Ticks;
        while (_violation is null)
        {
            if (holds())
            {
                return true;
            }

            if (Scheduler.Steps >= lastStep || Scheduler.Now > deadline || !Scheduler.Step())
            {
                return false;
            }

            if (Scheduler.Stray is { } stray)
            {
                Violate($"Work came from another thread:\n{stray}");
            }
        }

        return false;
    }

    private void CreateDocuments(int clients)
    {
        var creator = new DocumentCreator(_processes[0].Store, _processes[0].Time);
        var keys = Enumerable.Range(1, Random.Between(1, 3)).Select(number => new DocumentKey("tenant", $"document-{number}")).ToList();
        foreach (var key in keys)
        {
            var body = new SummaryTree(new Dictionary<string, SummaryNode> { ["body"] = new SummaryBlob("initial"u8.ToArray()) });
            var draft = Random.Chance(0.5) ? new DocumentDraft(body, Random.Below(3), null) : new DocumentDraft(null, null, null);
            // The disk adds documents at once, so this is done when it returns.
            if (!creator.CreateAsync(key, draft, CancellationToken.None).GetAwaiter().GetResult())
            {
                throw new InvalidOperationException($"{key} could not be created.");
            }
        }

        for (var number = 1; number <= clients; number++)
        {
            _clients.Add(new SimulatedClient(this, number, Random.Pick(keys)));
        }
    }
}

/// <summary>How a run ended.</summary>
/// <param name="Seed">What it came from.</param>
/// <param name="Steps">How many pieces of work were run.</param>
/// <param name="VirtualTime">How much time passed in it.</param>
/// <param name="Hash">Of all that happened.</param>
/// <param name="Statistics">What was done and suffered.</param>
/// <param name="Violation">The rule that was broken; null when none was.</param>
/// <param name="LastEvents">What happened last.</param>
internal sealed record Result(
    ulong Seed, long Steps, TimeSpan VirtualTime, ulong Hash, Statistics Statistics, string? Violation, IReadOnlyList<string> LastEvents);
