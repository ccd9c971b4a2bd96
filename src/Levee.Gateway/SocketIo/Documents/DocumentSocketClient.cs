using Levee.Identity;
using Levee.Protocol;
using Levee.Sessions;

namespace Levee.Gateway.SocketIo.Documents;

/// <summary>What a session tells one client, as packets on its socket.</summary>
/// <param name="socket">The client's socket.</param>
/// <param name="document">The document.</param>
/// <param name="request">What the client asked for.</param>
/// <param name="claims">Its verified token.</param>
/// <param name="time">What time it is.</param>
/// <param name="onRefused">Called when the session refuses the connection.</param>
internal sealed class DocumentSocketClient(
    SocketIoSocket socket,
    DocumentKey document,
    ConnectMessage request,
    TokenClaims claims,
    TimeProvider time,
    Action<ConnectRefusal> onRefused) : IDocumentClient
{
    private volatile bool _isConnected;

    /// <summary>True from the moment when the client is told that it is connected.</summary>
    public bool IsConnected => _isConnected;

    /// <summary>Whether its signals come in the second form: it has said so, and the service always does.</summary>
    public bool SignalsV2 => request.SignalsV2;

    /// <summary>Whether it may submit ops of any type; with <c>summary:write</c> alone it submits summaries and no-ops.</summary>
    public bool MayWrite => claims.Has(Scopes.DocWrite);

    /// <summary>Whether its token would have allowed write mode.</summary>
    public bool CouldWrite => MayWrite || claims.Has(Scopes.SummaryWrite);

    /// <summary>The client's connection; set once, before the session hears of it.</summary>
    public DocumentConnection Connection { get; set; } = null!;

    /// <inheritdoc/>
    public void OnConnected(ConnectedDocument connected)
    {
        _isConnected = true;
        var message = ConnectedMessage.Write(connected, request, Connection.Detail, claims, time.GetUtcNow().ToUnixTimeMilliseconds());
        socket.Send(SocketIoPackets.Event("connect_document_success", message));
    }

    /// <inheritdoc/>
    public void OnRefused(ConnectRefusal refusal)
    {
        onRefused(refusal);
        socket.Send(DocumentPackets.Error(ConnectError.Of(refusal), request.Nonce));
    }

    /// <inheritdoc/>
    public void OnOps(OpsBroadcast ops) => socket.Send(DocumentPackets.Ops(ops));

    /// <inheritdoc/>
    public void OnSubmitted(Submission submission, IReadOnlyList<Nack> nacks)
    {
        // What was sequenced comes back as ops; that is all the answer that there is.
        if (nacks.Count > 0)
        {
            socket.Send(DocumentPackets.Nack(document.DocumentId, nacks));
        }
    }

    /// <inheritdoc/>
    public void OnSignal(SignalBroadcast signal) => socket.Send(DocumentPackets.Signal(signal));

    /// <inheritdoc/>
    public void OnSessionEnded(SessionEnd end)
    {
        _isConnected = false;
        socket.Disconnect($"session ended: {end}");
    }

    /// <inheritdoc/>
    public async ValueTask<IDisposable?> TakeTurnAsync()
    {
        try
        {
            return await socket.TakeTurnAsync(socket.Aborted);
        }
        catch (OperationCanceledException)
        {
            // The socket has ended: that its client is gone is no fault of the document's.
            return null;
        }
    }
}
