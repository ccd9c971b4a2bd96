namespace Levee.Faults;

/// <summary>Tells who waits for it that a summary has reached a phase. Safe for any number of threads.</summary>
internal sealed class SummaryWatch
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SummaryPhase, TaskCompletionSource> _waiting = [];

    /// <summary>Completes when a summary reaches a phase from now on.</summary>
    public Task WaitAsync(SummaryPhase phase)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(phase, out var waiting))
            {
                _waiting[phase] = waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return waiting.Task;
        }
    }

    public void Reached(SummaryPhase phase)
    {
        lock (_gate)
        {
            if (_waiting.Remove(phase, out var waiting))
            {
                waiting.SetResult();
            }
        }
    }
}
