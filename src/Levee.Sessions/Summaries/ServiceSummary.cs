using System.Globalization;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Sessions;

/// <summary>
/// Writes the commit of a service summary: the head's tree as it is, with a new <c>.logTail/logTail</c>, the messages that follow what it covers.
/// Its <c>.protocol</c> stays, too. A client starts at the number in its attributes and applies all messages after that, both to the quorum and to
/// the app's parts, so the number must be the one that the parts are as of: those of the last client summary (or the initial one). Attributes
/// of a later number would skip messages that the parts lack.
/// </summary>
internal sealed class ServiceSummary(IDocumentStore store, TimeProvider time)
{
    // Beyond this, reading the messages from the log is the better way; and each service summary repeats them.
    private const int MaxLogTailBytes = 1 << 20;

    private const string MessagePrefix = "Service Summary @";

    private readonly ObjectReader _objects = new(store);

    /// <summary>The number of the <c>noClient</c> that announced a service summary; null when the commit's message is none of ours.</summary>
    public async Task<long?> FindNumberAsync(DocumentKey document, ObjectId commit, CancellationToken cancellationToken)
    {
        var message = (await _objects.ReadCommitAsync(document.TenantId, commit, cancellationToken)).Message;
        return message.StartsWith(MessagePrefix, StringComparison.Ordinal)
            && long.TryParse(message.AsSpan(MessagePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
    }

    /// <summary>Stores the commit; null when there are too many messages for one.</summary>
    /// <param name="document">The document.</param>
    /// <param name="head">Its head, which becomes the parent.</param>
    /// <param name="covered">What the head's parts are as of.</param>
    /// <param name="through">The last message; the <c>noClient</c> that announces the summary is to be the next.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<ObjectId?> WriteAsync(DocumentKey document, ObjectId head, long covered, long through, CancellationToken cancellationToken)
    {
        var messages = await store.ReadDeltasAsync(document, covered, through, int.MaxValue, MaxLogTailBytes, cancellationToken);
        if (messages.Count != through - covered || messages.Json.Length > MaxLogTailBytes)
        {
            return null;
        }

        var parent = await _objects.ReadCommitAsync(document.TenantId, head, cancellationToken);
        var entries = await _objects.ReadEntriesAsync(document.TenantId, parent.Tree, cancellationToken);
        var blob = GitObject.Blob((byte[])[(byte)'[', .. messages.Json.Span, (byte)']']);
        var logTail = GitTree.Create([new GitTreeEntry(GitFileMode.File, "logTail", blob.Id)]).ToObject();
        var root = GitTree.Create(
            entries.Where(entry => entry.Name != SummaryLayout.LogTail)
                .Append(new GitTreeEntry(GitFileMode.Directory, SummaryLayout.LogTail, logTail.Id))).ToObject();
        var commit = ServiceAuthor.Commit(root.Id, head, $"{MessagePrefix}{through + 1}", time.GetUtcNow());
        await store.PutObjectsAsync(document.TenantId, [blob, logTail, root, commit], cancellationToken);
        return commit.Id;
    }
}
