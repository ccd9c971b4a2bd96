using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// One client's connection to one document: made by a dialect, given to <see cref="SessionDirectory.ConnectAsync"/>, and from then on
/// the dialect's handle on the session. Methods may be called from any thread; calls of one thread keep their order.
/// </summary>
/// <param name="client">Whom the session calls.</param>
/// <param name="detail">The client's record, which also says in which mode it connects.</param>
/// <param name="maySummarize">Whether it may submit <c>summarize</c>.</param>
/// <param name="lastSeen">The last SN that it has: messages after it follow. Null: messages after this moment.</param>
public sealed class DocumentConnection(IDocumentClient client, ClientDetail detail, bool maySummarize, long? lastSeen = null)
{
    // A reader of history works beside the session's loop: the end must not overtake a page that it is about to give to the client.
    private readonly Lock _telling = new();
    private DocumentSession? _session;

    /// <summary>Whom the session calls.</summary>
    public IDocumentClient Client { get; } = client;

    /// <summary>The client's record.</summary>
    public ClientDetail Detail { get; } = detail;

    /// <summary>Whether it may submit <c>summarize</c>.</summary>
    public bool MaySummarize { get; } = maySummarize;

    /// <summary>The last SN that it had when it connected.</summary>
    public long? LastSeen { get; } = lastSeen;

    /// <summary>The client's id; empty until the session has taken the connection.</summary>
    public string ClientId { get; internal set; } = "";

    internal AudienceMember Member => new(ClientId, Detail);

    /// <summary>How far its messages have been delivered; for the session alone.</summary>
    internal DeliveryCursor Cursor { get; } = new();

    /// <summary>True once the client has been told that it is connected; for the session alone.</summary>
    internal bool IsAdmitted { get; set; }

    /// <summary>True once the client has gone; a catch-up reader sees it too.</summary>
    internal volatile bool HasLeft;

    /// <summary>
    /// Hands over ops. Completes when the session has room for them, so that a flood waits at its source. The answer is
    /// <see cref="IDocumentClient.OnSubmitted"/>. False when the session has ended.
    /// </summary>
    public ValueTask<bool> SubmitAsync(Submission submission) => PostAsync(new SessionCommand.Submit(this, submission));

    /// <summary>
    /// Hands over signals, which keep <paramref name="heldBytes"/> of memory alive. Completes when the session has room for them. False
    /// when the session has ended.
    /// </summary>
    public ValueTask<bool> SignalAsync(IReadOnlyList<Signal> signals, long heldBytes) =>
        PostAsync(new SessionCommand.SendSignals(this, signals, heldBytes));

    /// <summary>Says what the client has processed, without an op. False when the session has ended.</summary>
    public ValueTask<bool> UpdateReferenceAsync(long referenceSequenceNumber) =>
        PostAsync(new SessionCommand.UpdateReference(this, referenceSequenceNumber));

    /// <summary>Asks for every message after <paramref name="after"/> once more, and then for what follows. False when the session has ended.</summary>
    public ValueTask<bool> RequestOpsAsync(long after) => PostAsync(new SessionCommand.RequestOps(this, after));

    /// <summary>Leaves the document. Leaving twice, or after the session has ended, is no error.</summary>
    public async ValueTask DisconnectAsync()
    {
        HasLeft = true;
        await PostAsync(new SessionCommand.Disconnect(this));
    }

    /// <summary>Gives the client a page of its history. False, and nothing given, once it has gone or the session has ended.</summary>
    internal bool TryTell(OpsBroadcast page)
    {
        lock (_telling)
        {
            if (HasLeft)
            {
                return false;
            }

            Client.OnOps(page);
            return true;
        }
    }

    /// <summary>Tells the client that the session has ended; nothing comes after it.</summary>
    internal void TellEnd(SessionEnd end)
    {
        lock (_telling)
        {
            HasLeft = true;
            Client.OnSessionEnded(end);
        }
    }

    internal void AttachTo(DocumentSession session) => _session = session;

    private ValueTask<bool> PostAsync(SessionCommand command) =>
        _session is { } session ? session.PostAsync(command) : ValueTask.FromResult(false);
}
