namespace Levee.Simulation;

/// <summary>Brings trouble: processes and machines that die, clocks that jump, networks that drop, clients that stop reading.</summary>
internal sealed class Nemesis(Simulation simulation)
{
    private readonly SeededRandom _random = simulation.Random.Fork();

    public void Start()
    {
        var faults = simulation.Faults;
        Repeat("kills", faults.BetweenKills, KillOne);
        Repeat("machine crashes", faults.BetweenMachineCrashes, CrashMachine);
        Repeat("stops", faults.BetweenStops, StopOne);
        Repeat("second processes", faults.BetweenSecondProcesses, StartAnother);
        Repeat("clock jumps", faults.BetweenClockJumps, SetClock);
        Repeat("drops", faults.BetweenDrops, () => _random.Pick(simulation.Clients).Drop());
        Repeat("freezes", faults.BetweenFreezes, () => _random.Pick(simulation.Clients).Freeze());
    }

    /// <summary>Ends all processes but one.</summary>
    public void LeaveOneProcess()
    {
        var living = simulation.Living.Where(process => !process.IsStopping).ToList();
        var survivor = living.Count > 0 ? living[^1] : simulation.StartProcess();
        foreach (var process in simulation.Living.Where(process => process != survivor).ToList())
        {
            simulation.Kill(process);
        }
    }

    private void Repeat(string name, TimeSpan mean, Action trouble)
    {
        if (mean == TimeSpan.Zero)
        {
            return;
        }

        simulation.Scheduler.After(_random.UpTo(2 * mean), () =>
        {
            if (simulation.IsQuiet)
            {
                return;
            }

            simulation.Statistics.Count(name);
            simulation.Trace.Add(simulation.Scheduler, name);
            trouble();
            Repeat(name, mean, trouble);
        });
    }

    private void KillOne()
    {
        if (simulation.Living.ToList() is { Count: > 0 } living)
        {
            simulation.Kill(_random.Pick(living));
            StartLater();
        }
    }

    private void CrashMachine()
    {
        foreach (var process in simulation.Living.ToList())
        {
            simulation.Kill(process);
        }

        simulation.Disk.Crash();
        simulation.Checker.AfterDeath();
        StartLater();
    }

    /// <summary>Shuts a process down as one should; it dies when it is done, or when somebody loses patience.</summary>
    private void StopOne()
    {
        if (simulation.Living.Where(process => !process.IsStopping).ToList() is not { Count: > 0 } open)
        {
            return;
        }

        var process = _random.Pick(open);
        process.IsStopping = true;
        process.Run(async () =>
        {
            await process.Directory.StopAsync();
            simulation.Statistics.Count("clean stops");
            simulation.Scheduler.Post(null, () => simulation.Kill(process));
        });
        simulation.Scheduler.After(TimeSpan.FromSeconds(30), () => simulation.Kill(process), process);
        StartLater();
    }

    /// <summary>The old process is thought dead, and goes on.</summary>
    private void StartAnother()
    {
        if (simulation.Living.Count() < 3)
        {
            simulation.StartProcess();
        }
    }

    private void StartLater() => simulation.Scheduler.After(_random.UpTo(TimeSpan.FromSeconds(2)), () =>
    {
        if (!simulation.IsQuiet && !simulation.Living.Any(process => !process.IsStopping))
        {
            simulation.StartProcess();
        }
    });

    private void SetClock()
    {
        if (simulation.Living.ToList() is { Count: > 0 } living)
        {
            _random.Pick(living).Time.Offset += TimeSpan.FromMilliseconds(_random.Between(-5_000, 5_000));
        }
    }
}
