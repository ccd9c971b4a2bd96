using System.Diagnostics;

namespace Levee.Fuzz.Oracle;

/// <summary>What the process holds when it is at rest.</summary>
/// <param name="HeapBytes">Managed memory after a full collection.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Handles">Open files and sockets; zero where the system does not tell.</param>
internal sealed record Footprint(long HeapBytes, int Threads, int Handles)
{
    // What pools and caches may keep of the busiest moment, whatever the length of the run.
    private const long HeapRoom = 24L << 20;
    private const int ThreadRoom = 32;
    private const int HandleRoom = 16;

    /// <summary>Collects what is garbage and measures what is left.</summary>
    internal static Footprint Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        return new Footprint(
            GC.GetTotalMemory(forceFullCollection: true),
            process.Threads.Count,
            Directory.Exists("/proc/self/fd") ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0);
    }

    /// <summary>What grew beyond bounds since an earlier measurement; empty when nothing did.</summary>
    internal IEnumerable<string> GrowthSince(Footprint before)
    {
        if (HeapBytes > before.HeapBytes + HeapRoom)
        {
            yield return $"the heap grew from {before.HeapBytes >> 10} to {HeapBytes >> 10} KiB";
        }

        if (Threads > before.Threads + ThreadRoom)
        {
            yield return $"threads grew from {before.Threads} to {Threads}";
        }

        if (Handles > before.Handles + HandleRoom)
        {
            yield return $"open files grew from {before.Handles} to {Handles}";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{HeapBytes >> 10} KiB of heap, {Threads} threads, {Handles} open files";
}
