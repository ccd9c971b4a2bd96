namespace Levee.Sessions;

/// <summary>
/// How far one client has been sent the document's messages. Either it is live, and every batch is delivered to it from the session's
/// loop, or a catch-up reader is on its way to the newest message. The cursor joins the two with neither gap nor repeat.
/// </summary>
internal sealed class DeliveryCursor
{
    /// <summary>The last SN that was delivered.</summary>
    public long Delivered { get; set; }

    /// <summary>True when the session's loop delivers to it.</summary>
    public bool IsLive { get; set; }

    /// <summary>Counts repositionings, so that the end of an outdated catch-up is not taken for that of the newest.</summary>
    public volatile int Generation;

    /// <summary>The running catch-up reader; a new one waits for it.</summary>
    public Task CatchUp { get; set; } = Task.CompletedTask;
}
