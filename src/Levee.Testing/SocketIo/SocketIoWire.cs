namespace Levee.Testing;

/// <summary>One transport of a <see cref="SocketIoClient"/>.</summary>
/// <param name="received">Told every packet, in order.</param>
internal abstract class SocketIoWire(Action<string> received)
{
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Completes when nothing comes any more; never fails.</summary>
    internal Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>What ended it, for messages.</summary>
    internal string Reason { get; private set; } = "";

    /// <summary>Sends one packet.</summary>
    internal abstract Task SendAsync(string packet, CancellationToken cancellationToken);

    /// <summary>Cuts it without a word.</summary>
    internal virtual void Abort() => _stop.Cancel();

    /// <summary>Begins to receive.</summary>
    internal void Start() => Ended = RunAsync();

    /// <summary>Receives until the end.</summary>
    protected abstract Task ReceiveAsync(Action<string> received, CancellationToken stop);

    private async Task RunAsync()
    {
        try
        {
            await ReceiveAsync(received, _stop.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Expectations that are waiting fail with the packets; this says what ended them.
            Reason = e.Message;
        }
    }
}
