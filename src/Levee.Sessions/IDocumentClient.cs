using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// One connected client as its session sees it; each dialect of the gateway has one. The session calls it from its own loop, in the
/// order of what happened: calls must neither block nor throw. A client that can not keep up is cut by its dialect, never waited for.
/// </summary>
public interface IDocumentClient
{
    /// <summary>The connection is established. No message comes before this call.</summary>
    void OnConnected(ConnectedDocument document);

    /// <summary>The connection was refused. No other call follows.</summary>
    void OnRefused(ConnectRefusal refusal);

    /// <summary>
    /// Messages that are durable, in order, with neither gap nor repeat. While the client catches up it is the reader of its history
    /// that calls, not the loop; never both.
    /// </summary>
    void OnOps(OpsBroadcast ops);

    /// <summary>A submission was dealt with: what was sequenced of it is durable.</summary>
    /// <param name="submission">What the client gave to <see cref="DocumentConnection.SubmitAsync"/>.</param>
    /// <param name="nacks">The refused ops; empty when there are none.</param>
    void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks);

    /// <summary>A signal of a client, this one included, or of the service.</summary>
    void OnSignal(SignalBroadcast signal);

    /// <summary>The session has ended: the client should connect again. No other call follows.</summary>
    void OnSessionEnded(SessionEnd end);

    /// <summary>
    /// Completes when the client has taken most of what was sent, so that a reader of a long history does not flood it: the turn to
    /// send one page, to be disposed after that. Null when the client is gone. May be called from any thread.
    /// </summary>
    ValueTask<IDisposable?> TakeTurnAsync();
}
