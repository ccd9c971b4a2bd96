using Levee.Protocol;
using Levee.Storage;
using Microsoft.Extensions.Logging;

namespace Levee.Sessions;

/// <content>What a session logs. Neither contents nor tokens are among it.</content>
public sealed partial class DocumentSession
{
    [LoggerMessage(100, LogLevel.Information, "{Document}: session started at {SequenceNumber}; {Ghosts} ghosts made to leave")]
    private static partial void LogStarted(ILogger logger, DocumentKey document, long sequenceNumber, int ghosts);

    [LoggerMessage(101, LogLevel.Information, "{Document}: session ended ({End}) with {Connections} connections")]
    private static partial void LogEnded(ILogger logger, DocumentKey document, SessionEnd end, int connections);

    [LoggerMessage(102, LogLevel.Error, "{Document}: session failed; its clients are told to connect again")]
    private static partial void LogFailed(ILogger logger, DocumentKey document, Exception exception);

    [LoggerMessage(103, LogLevel.Warning, "{Document}: message {SequenceNumber} was not appended ({Outcome}); the session stands down")]
    private static partial void LogNotAppended(ILogger logger, DocumentKey document, long sequenceNumber, AppendOutcome outcome);

    [LoggerMessage(104, LogLevel.Warning, "{Document}: the log goes on to {LogEnd} where this session is at {SequenceNumber}; it stands down")]
    private static partial void LogOvertaken(ILogger logger, DocumentKey document, long sequenceNumber, long logEnd);

    [LoggerMessage(105, LogLevel.Warning, "{Document}: session stands down, its clients are told to connect again. {Reason}")]
    private static partial void LogStorageFailed(ILogger logger, DocumentKey document, string reason);

    [LoggerMessage(110, LogLevel.Debug, "{Document}: client {ClientId} connected in {Mode} mode at {SequenceNumber}")]
    private static partial void LogConnected(
        ILogger logger, DocumentKey document, string clientId, ConnectionMode mode, long sequenceNumber);

    [LoggerMessage(111, LogLevel.Debug, "{Document}: client {ClientId} disconnected")]
    private static partial void LogDisconnected(ILogger logger, DocumentKey document, string clientId);

    [LoggerMessage(112, LogLevel.Information, "{Document}: a connection was refused ({Refusal})")]
    private static partial void LogRefused(ILogger logger, DocumentKey document, ConnectRefusal refusal);

    [LoggerMessage(113, LogLevel.Information, "{Document}: client {ClientId} was silent too long and leaves the quorum")]
    private static partial void LogIdle(ILogger logger, DocumentKey document, string clientId);

    [LoggerMessage(120, LogLevel.Information, "{Document}: client {ClientId} had {Count} ops nacked: {Reason}")]
    private static partial void LogNacked(ILogger logger, DocumentKey document, string clientId, int count, string reason);

    [LoggerMessage(121, LogLevel.Warning, "{Document}: signals of {ClientId}, which is not connected, were dropped")]
    private static partial void LogUnknownSignal(ILogger logger, DocumentKey document, string clientId);

    [LoggerMessage(130, LogLevel.Information, "{Document}: summary {SequenceNumber} acknowledged as {Commit}")]
    private static partial void LogSummaryAcknowledged(ILogger logger, DocumentKey document, long sequenceNumber, string commit);

    [LoggerMessage(131, LogLevel.Information, "{Document}: summary {SequenceNumber} refused: {Reason}")]
    private static partial void LogSummaryRefused(ILogger logger, DocumentKey document, long sequenceNumber, string reason);

    [LoggerMessage(132, LogLevel.Information, "{Document}: nobody writes any more; service summary {SequenceNumber} committed as {Commit}")]
    private static partial void LogServiceSummary(ILogger logger, DocumentKey document, long sequenceNumber, string commit);

    [LoggerMessage(133, LogLevel.Information, "{Document}: no service summary, since the messages after {Covered} are too large for one")]
    private static partial void LogNoServiceSummary(ILogger logger, DocumentKey document, long covered);
}
