using System.Text.Json;

namespace Levee.Faults.Record;

/// <summary>Compares what the server says of one document with the record that its clients kept. For one caller at a time.</summary>
internal sealed class DocumentCheck(ServerApi server, DocumentRecord record)
{
    // What was read before is read again so far back, to see that it is still the same.
    private const int Overlap = 300;

    private readonly DeltaReader _deltas = new(server, record.DocumentId);
    private readonly SummaryLoad _summaries = new(server, record.DocumentId);

    /// <summary>What the log says, as far as it has been read.</summary>
    public LogAudit Log { get; } = new(record);

    public DocumentRecord Record => record;

    /// <summary>Reads what is new in the log.</summary>
    /// <exception cref="ViolationException">It breaks a rule, or lacks what was seen or answered before this call.</exception>
    public async Task ReadLogAsync(CancellationToken cancellationToken)
    {
        var (seen, acknowledged) = (record.LastSeen, record.Acknowledged);
        await _deltas.ReadAsync(Log.Through, RestClientKind.Levee, Log.Add, cancellationToken);
        Log.RequireEnd(seen, acknowledged);
    }

    /// <summary>What a server that has just started must still have: the log, what was uploaded, and the head and its summary.</summary>
    public async Task AfterRestartAsync(CancellationToken cancellationToken)
    {
        await ReadAgainAsync(Math.Max(0, Log.Through - Overlap), cancellationToken);
        await ReadLogAsync(cancellationToken);
        await ReadHeadAsync(cancellationToken);
        foreach (var (id, content) in record.Blobs)
        {
            var there = await _summaries.ReadBlobAsync(id, cancellationToken);
            if (!there.AsSpan().SequenceEqual(content))
            {
                throw new ViolationException($"{record.DocumentId}: blob {id} is another one than was uploaded");
            }
        }
    }

    /// <summary>Reads the whole log once more, in both dialects, and loads the head and the list of versions: when nobody writes.</summary>
    public async Task WholeAsync(CancellationToken cancellationToken)
    {
        await ReadLogAsync(cancellationToken);
        await ReadAgainAsync(0, cancellationToken);
        var head = await ReadHeadAsync(cancellationToken);
        if (Log.Pending > 0 || head != Log.Head)
        {
            throw new ViolationException($"{record.DocumentId}: {Log.Pending} summaries are unanswered, and the head is {head} instead of {Log.Head}");
        }

        // The server lists a thousand at the most.
        var versions = await _summaries.ReadVersionsAsync(1000, cancellationToken);
        var expected = Log.Summaries.Select(summary => summary.Commit).Reverse().Append(record.InitialVersion).Take(1000);
        if (!versions.SequenceEqual(expected))
        {
            throw new ViolationException($"{record.DocumentId}: the versions are not the acknowledged summaries: {string.Join(' ', versions)}");
        }
    }

    private async Task ReadAgainAsync(long after, CancellationToken cancellationToken)
    {
        foreach (var kind in Enum.GetValues<RestClientKind>())
        {
            var last = after;
            await _deltas.ReadAsync(after, kind, message => last = SeeAgain(message, last), cancellationToken);
            if (last < Log.Through)
            {
                throw new ViolationException($"{record.DocumentId}: the log was read through {Log.Through}, and ends at {last} now ({kind})");
            }
        }
    }

    private long SeeAgain(JsonElement message, long last)
    {
        var number = message.GetProperty("sequenceNumber").GetInt64();
        if (number != last + 1)
        {
            throw new ViolationException($"{record.DocumentId}: message {number} follows {last}");
        }

        record.See(message, "the log, read again,");
        return number;
    }

    /// <summary>The head is the last acknowledged summary, or one that is acknowledged meanwhile, and loads.</summary>
    private async Task<string> ReadHeadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var before = Log.Head;
            var count = Log.Summaries.Count;
            var (commit, reference) = await _summaries.ReadHeadAsync(cancellationToken);
            await ReadLogAsync(cancellationToken);
            var meanwhile = Log.Summaries.Skip(count).Select(summary => summary.Commit).Append(before).ToList();
            if (!meanwhile.Contains(commit) || !meanwhile.Contains(reference))
            {
                throw new ViolationException(
                    $"{record.DocumentId}: the last acknowledged summary is {before}, but the head is {commit} and the ref {reference}");
            }

            // Else a summary was acknowledged between the two questions.
            if (commit == reference)
            {
                if (Log.Summaries.LastOrDefault(summary => summary.Commit == commit) is { } summary)
                {
                    await _summaries.RequireAsync(summary, cancellationToken);
                }

                return commit;
            }
        }
    }
}
