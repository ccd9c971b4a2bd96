using Levee.Sessions;

namespace Levee.Simulation;

/// <summary>
/// How much of which trouble a run has. Each run draws its own, and leaves some out altogether: a mixture of everything finds less than
/// many different mixtures do.
/// </summary>
internal sealed class Faults
{
    /// <summary>Every fault off: a time in which everything must come to rest.</summary>
    public static Faults None { get; } = new();

    public double WriteFails { get; private init; }

    /// <summary>A write that fails for the caller and takes effect all the same, at once or later.</summary>
    public double WriteIsAmbiguous { get; private init; }

    public double WriteStalls { get; private init; }

    public double ReadFails { get; private init; }

    public double ReadIsSlow { get; private init; }

    /// <summary>Whether what a dead process had asked for may still be done.</summary>
    public bool LateEffects { get; private init; }

    public TimeSpan DiskLatency { get; private init; } = TimeSpan.FromMilliseconds(1);

    public TimeSpan NetworkLatency { get; private init; } = TimeSpan.FromMilliseconds(5);

    // Means of times between two of a kind; zero: never.
    public TimeSpan BetweenKills { get; private init; }

    public TimeSpan BetweenMachineCrashes { get; private init; }

    public TimeSpan BetweenStops { get; private init; }

    public TimeSpan BetweenSecondProcesses { get; private init; }

    public TimeSpan BetweenClockJumps { get; private init; }

    public TimeSpan BetweenDrops { get; private init; }

    public TimeSpan BetweenFreezes { get; private init; }

    // Of what clients do.
    public double Duplicates { get; private init; }

    public double Hostile { get; private init; }

    public double Silence { get; private init; }

    public double Rereads { get; private init; }

    public double NewestFirst { get; private init; }

    public static Faults Draw(SeededRandom random) => new()
    {
        WriteFails = Some(random, 0.02),
        WriteIsAmbiguous = Some(random, 0.02),
        WriteStalls = Some(random, 0.05),
        ReadFails = Some(random, 0.02),
        ReadIsSlow = Some(random, 0.1),
        LateEffects = random.Chance(0.5),
        DiskLatency = TimeSpan.FromMicroseconds(random.Pick([50, 500, 5_000, 50_000])),
        NetworkLatency = TimeSpan.FromMicroseconds(random.Pick([50, 1_000, 10_000, 100_000])),
        BetweenKills = Rarely(random, 5),
        BetweenMachineCrashes = Rarely(random, 10),
        BetweenStops = Rarely(random, 10),
        BetweenSecondProcesses = Rarely(random, 5),
        BetweenClockJumps = Rarely(random, 5),
        BetweenDrops = Rarely(random, 1),
        BetweenFreezes = Rarely(random, 2),
        Duplicates = Some(random, 0.1),
        Hostile = Some(random, 0.05),
        Silence = Some(random, 0.02),
        Rereads = Some(random, 0.05),
        NewestFirst = random.Chance(0.3) ? 0.7 : 0,
    };

    /// <summary>The settings of sessions, small so that every bound is met.</summary>
    public static SessionOptions DrawOptions(SeededRandom random, int clients) => new()
    {
        IdleClientTimeout = TimeSpan.FromSeconds(random.Pick([2, 10, 300])),
        IdleUnloadTimeout = TimeSpan.FromMilliseconds(random.Pick([0, 100, 2_000, 30_000])),
        NoOpDelay = TimeSpan.FromMilliseconds(random.Pick([1, 50, 250, 2_000])),
        CheckpointInterval = random.Pick([1, 5, 50, 1000]),
        MailboxCapacity = random.Pick([1, 2, 16, 1024]),
        MailboxBytes = random.Pick([1024, 4096, 8 << 20]),
        MaxBatchBytes = random.Pick([1024, 4096, 4 << 20]),
        RecentBytes = random.Pick([0, 1024, 16384, 1 << 20]),
        CatchUpPageBytes = random.Pick([1024, 4096, 512 << 10]),
        MaxConnectionsPerDocument = random.Chance(0.2) ? clients + 2 : 10_000,
        ServiceSummary = random.Chance(0.5),
        ServiceSummaryDelay = TimeSpan.FromMilliseconds(random.Pick([1, 200, 2_000])),
    };

    private static double Some(SeededRandom random, double most) => random.Chance(0.5) ? 0 : most * random.Between(1, 100) / 100;

    private static TimeSpan Rarely(SeededRandom random, double seconds) =>
        random.Chance(0.4) ? TimeSpan.Zero : TimeSpan.FromSeconds(seconds * random.Between(5, 200) / 100);
}

/// <summary>A deliberate defect, to show that the checker finds it.</summary>
internal enum Defect
{
    None,

    /// <summary>The disk reports a write done before it is durable.</summary>
    AcknowledgesBeforeSync,

    /// <summary>The disk appends whatever number a batch begins with.</summary>
    HasNoFence,

    /// <summary>Part of a transaction survives a crash.</summary>
    TearsTransactions,

    /// <summary>The head moves in a write of its own, before the acknowledgement.</summary>
    MovesHeadAlone,

    /// <summary>A crash loses writes that were durable.</summary>
    LosesDurableWrites,

    /// <summary>A batch does not reach a client.</summary>
    DropsDelivery,

    /// <summary>A client gets a batch twice.</summary>
    RepeatsDelivery,

    /// <summary>A batch is changed on its way to a client.</summary>
    ChangesDelivery,
}
