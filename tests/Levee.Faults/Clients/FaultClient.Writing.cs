using System.Text.Json;
using Levee.Faults.Record;

namespace Levee.Faults.Clients;

/// <content>Writing: what is pending survives the connection, in its order.</content>
internal partial class FaultClient
{
    private const int Window = 4;
    private const int LongestPause = 60;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly List<PendingBatch> _pending = [];
    private long _lastOwn;
    private long _lastClientSequenceNumber;

    private int PendingBatches
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    /// <summary>Writes on one connection, once it is ready, until it is over.</summary>
    protected virtual async Task WriteOnAsync(WireConnection connection, CancellationToken over)
    {
        await ResubmitAsync(connection);
        while (true)
        {
            if (!Run.IsWriting || PendingBatches >= Window)
            {
                await Task.Delay(Glance, over);
                continue;
            }

            await SubmitAsync(connection, NewBatch());
            if (Random.Next(8) == 0)
            {
                await connection.SignalAsync($"a signal in {DocumentId} from {Name}");
            }

            if (Random.Next(20) == 0)
            {
                await NoOpAsync(connection);
            }

            await Task.Delay(Random.Next(LongestPause), over);
        }
    }

    /// <summary>A message that is not a writer's op, a join or a leave.</summary>
    protected virtual void See(JsonElement message, bool isOwn)
    {
    }

    /// <summary>Tells the server how far this client has read. It counts among the client's numbers, and gets none of the document's.</summary>
    protected Task NoOpAsync(WireConnection connection) =>
        connection.SubmitAsync(0, [new OutgoingOp("noop", null, ++_lastClientSequenceNumber, LastSeen)]);

    /// <summary>Submits what is neither numbered among this writer's ops nor sent again.</summary>
    protected Task SubmitOnceAsync(WireConnection connection, string type, string contents, long reference) =>
        connection.SubmitAsync(0, [new OutgoingOp(type, contents, ++_lastClientSequenceNumber, reference)]);

    private async Task WriteAsync(WireConnection connection, CancellationToken over)
    {
        try
        {
            await _ready.Task.WaitAsync(over);
            _lastClientSequenceNumber = 0;
            await WriteOnAsync(connection, over);
        }
        catch (ViolationException e)
        {
            Run.Violations.Report($"{Name}: {e.Message}");
        }
        catch (Exception e) when (Broken.Is(e))
        {
            // The reading loop ends, too, and connects again.
            LastError = e.Message;
            connection.Abort();
        }
    }

    private async Task ResubmitAsync(WireConnection connection)
    {
        List<PendingBatch> again;
        lock (_gate)
        {
            again = [.. _pending];
        }

        if (again.Find(batch => batch.Seen > 0) is { } torn)
        {
            throw new ViolationException($"of the batch from op {torn.First} to {torn.Last}, {torn.Seen} are in the log when it is to be sent again");
        }

        foreach (var batch in again)
        {
            await SubmitAsync(connection, batch);
        }
    }

    private PendingBatch NewBatch()
    {
        var count = Random.Next(30) == 0 ? 20 : Random.Next(1, 5);
        var first = _lastOwn + 1;
        var contents = new string[count];
        for (var i = 0; i < count; i++)
        {
            var text = Random.Next(50) == 0 ? new string('x', Random.Next(20_000)) : "«ü😀» \"\\\n";
            contents[i] = new OpContents(Name, ++_lastOwn, i, count, text).Write();
        }

        var batch = new PendingBatch(first, contents);
        lock (_gate)
        {
            _pending.Add(batch);
        }

        return batch;
    }

    private async Task SubmitAsync(WireConnection connection, PendingBatch batch)
    {
        OutgoingOp[] ops;
        lock (_gate)
        {
            batch.FirstClientSequenceNumber = _lastClientSequenceNumber + 1;
            var (last, reference) = (batch.Contents.Count - 1, LastSeen);
            ops = [.. batch.Contents.Select((contents, i) => new OutgoingOp(
                "op", contents, ++_lastClientSequenceNumber, reference, last == 0 ? null : i == 0 ? true : i == last ? false : null))];
        }

        await connection.SubmitAsync(batch.Last, ops);
    }

    /// <summary>An own op is in the log: it must be the first that is pending.</summary>
    private void SeeOwn(JsonElement message)
    {
        lock (_gate)
        {
            if (_pending is not [var batch, ..] || message.GetProperty("contents").GetString() != batch.Contents[batch.Seen])
            {
                throw new ViolationException($"did not expect this op of its own: {message.GetRawText()}");
            }

            var number = message.GetProperty("clientSequenceNumber").GetInt64();
            if (number != batch.FirstClientSequenceNumber + batch.Seen)
            {
                throw new ViolationException($"sent this op as number {batch.FirstClientSequenceNumber + batch.Seen}: {message.GetRawText()}");
            }

            if (++batch.Seen == batch.Contents.Count)
            {
                _pending.RemoveAt(0);
            }
        }
    }
}
