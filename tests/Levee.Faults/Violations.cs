using System.Collections.Concurrent;

namespace Levee.Faults;

/// <summary>What was found to be untrue. The first finding ends the run: what follows from it would only hide it.</summary>
internal sealed class Violations : IDisposable
{
    private const int MostKept = 50;

    private readonly ConcurrentQueue<string> _all = [];
    private readonly CancellationTokenSource _first = new();

    /// <summary>Cancelled by the first finding.</summary>
    public CancellationToken Found => _first.Token;

    /// <summary>The findings, the oldest first.</summary>
    public IReadOnlyList<string> All => [.. _all];

    public void Report(string what)
    {
        if (_all.Count < MostKept)
        {
            _all.Enqueue(what);
        }

        _first.Cancel();
    }

    public void Dispose() => _first.Dispose();
}
