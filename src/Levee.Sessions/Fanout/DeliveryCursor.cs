namespace Levee.Sessions;

/// <summary>
/// How far one client has been sent the document's messages. Either it is live, and every batch is delivered to it from the session's
/// loop, or one catch-up reader is on its way to the newest message. The cursor joins the two with neither gap nor repeat.
/// </summary>
internal sealed class DeliveryCursor
{
    /// <summary>The last SN that was delivered.</summary>
    public long Delivered { get; set; }

    /// <summary>True when the session's loop delivers to it.</summary>
    public bool IsLive { get; set; }

    /// <summary>True while a catch-up reader is under way: there is never a second one.</summary>
    public bool IsReading { get; set; }

    /// <summary>Where the reader shall read from. Replaced as a whole when the client asks again; the reader looks before each page.</summary>
    public volatile ReadPosition? Wanted;
}

/// <summary>A wish to read from somewhere; two wishes for the same place are still two.</summary>
internal sealed class ReadPosition(long after)
{
    /// <summary>The messages above this SN.</summary>
    public long After { get; } = after;
}
