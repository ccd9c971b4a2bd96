namespace Levee.Storage.Sqlite;

/// <summary>A write that waits for the writer. It is either cancelled or taken, whichever comes first.</summary>
internal abstract class PendingWrite(int bytes)
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Cancelled = 2;

    private int _state;

    /// <summary>About how much it adds to a transaction.</summary>
    public int Bytes { get; } = bytes;

    /// <summary>True for the writer that may now apply it; false when it was cancelled.</summary>
    public virtual bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    public abstract void Apply(SqliteWriter writer);

    public abstract void Complete();

    public abstract void Fail(StorageException failure);

    protected bool TryCancel() => Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting;
}

/// <summary>A write with its result. Continuations never run on the writer thread.</summary>
internal sealed class PendingWrite<T>(Func<SqliteWriter, T> apply, int bytes) : PendingWrite(bytes)
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private T _result = default!;

    public Task<T> Task => _done.Task;

    /// <summary>Watches the token; call it before the write is queued.</summary>
    public void CancelBy(CancellationToken cancellationToken) =>
        _cancellation = cancellationToken.UnsafeRegister(
            static (write, token) => ((PendingWrite<T>)write!).Cancel(token), this);

    public override bool TryTake()
    {
        _cancellation.Unregister();
        return base.TryTake();
    }

    public override void Apply(SqliteWriter writer) => _result = apply(writer);

    public override void Complete() => _done.TrySetResult(_result);

    public override void Fail(StorageException failure) => _done.TrySetException(failure);

    private void Cancel(CancellationToken token)
    {
        if (TryCancel())
        {
            _done.TrySetCanceled(token);
        }
    }
}

/// <summary>A write that changes nothing, and is committed like any other: it tells whether the disk takes writes. Nobody waits for it.</summary>
internal sealed class ProbeWrite() : PendingWrite(0)
{
    public override void Apply(SqliteWriter writer) => writer.Probe();

    public override void Complete()
    {
    }

    public override void Fail(StorageException failure)
    {
    }
}
