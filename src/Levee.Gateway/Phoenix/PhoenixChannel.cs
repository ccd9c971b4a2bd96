namespace Levee.Gateway.Phoenix;

/// <summary>
/// What is behind one joined topic of one socket. A new instance is made for every join. The methods are never called
/// concurrently; while one runs, the socket reads nothing more, which is how a slow channel slows its own client only.
/// </summary>
/// <param name="context">The channel's way to its client.</param>
public abstract class PhoenixChannel(ChannelContext context)
{
    /// <summary>The channel's way to its client; usable from any thread, also after the channel has ended.</summary>
    protected ChannelContext Context { get; } = context;

    /// <summary>
    /// Answers the join. An exception is answered with <c>error {reason: "join crashed"}</c> and followed by
    /// <see cref="LeaveAsync"/>; a refusal is not.
    /// </summary>
    /// <param name="payload">The join's payload, one JSON value.</param>
    /// <param name="cancellationToken">The same as <see cref="ChannelContext.Aborted"/>.</param>
    public abstract ValueTask<JoinResult> JoinAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>
    /// Takes one event. Nothing is answered unless the channel calls <see cref="ChannelContext.Reply"/>, now or later. An
    /// exception ends the channel with <c>phx_error</c>.
    /// </summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="reference">What the reply must carry; null when the client wants none.</param>
    /// <param name="payload">One JSON value in valid UTF-8, the channel's to keep.</param>
    /// <param name="cancellationToken">The same as <see cref="ChannelContext.Aborted"/>.</param>
    public abstract ValueTask HandleAsync(
        string eventName, string? reference, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>
    /// The channel has ended; called exactly once for every channel whose join was not refused, however it ends. On
    /// <see cref="ChannelCloseReason.Left"/> the client still receives what is sent from here.
    /// </summary>
    public virtual ValueTask LeaveAsync(ChannelCloseReason reason) => ValueTask.CompletedTask;
}
