using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>What a session's mailbox holds.</summary>
internal abstract record SessionCommand
{
    /// <summary>What the command holds on to while it waits, in bytes; 0 for those that hold little.</summary>
    public virtual long Bytes => 0;

    /// <summary>A client connects. The log's end was looked up for one that is ahead of the session.</summary>
    public sealed record Connect(DocumentConnection Connection, long? LogEnd = null) : SessionCommand;

    public sealed record Disconnect(DocumentConnection Connection) : SessionCommand;

    public sealed record Submit(DocumentConnection Connection, Submission Submission) : SessionCommand
    {
        public override long Bytes => Submission.HeldBytes;
    }

    public sealed record SendSignals(DocumentConnection Connection, IReadOnlyList<Signal> Signals, long HeldBytes) : SessionCommand
    {
        public override long Bytes => HeldBytes;
    }

    public sealed record UpdateReference(DocumentConnection Connection, long ReferenceSequenceNumber) : SessionCommand;

    public sealed record RequestOps(DocumentConnection Connection, long After) : SessionCommand;

    /// <summary>A catch-up reader has reached the end of the log.</summary>
    public sealed record CaughtUp(DocumentConnection Connection, ReadPosition Position, long Delivered) : SessionCommand;

    /// <summary>A summary was checked and, when it was accepted, written.</summary>
    public sealed record SummaryChecked(PendingSummary Summary, SummaryVerdict Verdict) : SessionCommand;

    /// <summary>A summary of the service was written, or not (null), as the document was at a number.</summary>
    public sealed record ServiceSummaryWritten(long SequenceNumber, ObjectId? Commit) : SessionCommand;

    /// <summary>Something outside the mailbox failed in a way that ends the session.</summary>
    public sealed record Fail(Exception Cause) : SessionCommand;

    /// <summary>The server shuts down.</summary>
    public sealed record Stop : SessionCommand;
}
