namespace Levee.Sessions;

/// <summary>
/// Bounds how many bytes wait in a mailbox: who comes when it is used up waits, in order. Something larger than the whole budget is
/// let in when nothing else is there. Any thread may use it.
/// </summary>
internal sealed class ByteBudget(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;
    private bool _isClosed;

    /// <summary>Completes when the bytes are granted, or when the budget is closed.</summary>
    public Task TakeAsync(long bytes)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                return Task.CompletedTask;
            }

            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return Task.CompletedTask;
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, granted));
            return granted.Task;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _used -= bytes;
            while (_waiting.TryPeek(out var next) && Fits(next.Bytes))
            {
                _waiting.Dequeue();
                _used += next.Bytes;
                next.Granted.SetResult();
            }
        }
    }

    /// <summary>Lets everybody go: nothing is bounded any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_waiting.TryDequeue(out var next))
            {
                next.Granted.SetResult();
            }
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= capacity;
}
