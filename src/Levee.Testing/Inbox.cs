namespace Levee.Testing;

/// <summary>What a test's client has received: each piece stays until an expectation takes it. Safe for any number of threads.</summary>
/// <param name="shown">How many of the last pieces are shown when an expectation fails, those taken included.</param>
internal sealed class Inbox<T>(int shown)
    where T : class
{
    private readonly Lock _gate = new();
    private readonly List<T> _waiting = [];
    private readonly Queue<T> _history = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal void Keep(T received)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _waiting.Add(received);
            _history.Enqueue(received);
            while (_history.Count > shown)
            {
                _history.Dequeue();
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>Takes the first piece that is wanted, once there is one; null when there is none in time, or when nothing comes any more.</summary>
    internal async Task<T?> FindAsync(Func<T, bool> isWanted, TimeSpan timeout, Task ended, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                var index = _waiting.FindIndex(received => isWanted(received));
                if (index >= 0)
                {
                    var found = _waiting[index];
                    _waiting.RemoveAt(index);
                    return found;
                }

                if (ended.IsCompleted)
                {
                    return null;
                }

                changed = _changed.Task;
            }

            try
            {
                await Task.WhenAny(changed, ended).WaitAsync(patience.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    internal string Shown()
    {
        lock (_gate)
        {
            return string.Join($"{Environment.NewLine}  ", _history);
        }
    }
}
