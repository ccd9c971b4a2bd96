using System.Text.Json;
using Levee.Faults.Record;

namespace Levee.Faults.Clients;

/// <summary>
/// A client that summarizes its document again and again, each time in one of the ways that clients have. Like Fluid's it does not propose a
/// summary a second time: what is not in the log when it has come back is forgotten.
/// </summary>
internal sealed class Summarizer(RunState run, DocumentRecord document, string name, SocketKind socket, int seed)
    : FaultClient(run, document, name, socket, ClientRole.Summarizer, seed)
{
    private const int LongestPause = 250;
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    private readonly SummaryUpload _upload = new(run, document, new Random(seed + 1));
    private readonly Lock _gate = new();
    private string _head = document.InitialVersion;
    private UploadedSummary? _last;
    private UploadedSummary? _proposed;
    private long _proposal;
    private long _covered = -1;
    private volatile SummaryPhase _phase;

    public override SummaryPhase Phase => _phase;

    public override bool HasPending => _phase != SummaryPhase.None;

    protected override async Task WriteOnAsync(WireConnection connection, CancellationToken over)
    {
        lock (_gate)
        {
            // All that the former connections sent and that was sequenced has been seen by now.
            if (_proposal == 0)
            {
                Forget();
            }
        }

        while (true)
        {
            await NoOpAsync(connection);
            await Task.Delay(Random.Next(LongestPause), over);
            if (!Run.IsWriting || _phase != SummaryPhase.None || LastSeen <= _covered)
            {
                await Task.Delay(Glance, over);
                continue;
            }

            await SummarizeAsync(connection, over);
        }
    }

    protected override void See(JsonElement message, bool isOwn)
    {
        var type = message.GetProperty("type").GetString();
        lock (_gate)
        {
            if (type == "summarize" && isOwn)
            {
                _proposal = message.GetProperty("sequenceNumber").GetInt64();
                _covered = message.GetProperty("referenceSequenceNumber").GetInt64();
            }
            else if (type is "summaryAck" or "summaryNack")
            {
                SeeAnswer(message.GetProperty("contents"), type == "summaryAck");
            }
        }
    }

    private void SeeAnswer(JsonElement contents, bool isAcknowledged)
    {
        if (contents.GetProperty("summaryProposal").GetProperty("summarySequenceNumber").GetInt64() != _proposal)
        {
            return;
        }

        if (isAcknowledged)
        {
            _head = contents.GetProperty("handle").GetString()!;
            _last = _proposed;
        }

        Forget();
    }

    private void Forget() => (_phase, _proposal, _proposed) = (SummaryPhase.None, 0, null);

    private async Task SummarizeAsync(WireConnection connection, CancellationToken over)
    {
        _phase = SummaryPhase.Uploading;
        try
        {
            var (head, reference) = (_head, LastSeen);
            var uploaded = await _upload.UploadAsync(head, _last, over);
            lock (_gate)
            {
                _proposed = uploaded;
                _phase = SummaryPhase.Proposed;
            }

            var contents = JsonSerializer.Serialize(new { handle = uploaded.Handle, head, message = "summary", parents = new[] { head } });
            await SubmitOnceAsync(connection, "summarize", contents, reference);
            Run.Summaries.Reached(SummaryPhase.Proposed);
        }
        finally
        {
            if (_phase == SummaryPhase.Uploading)
            {
                _phase = SummaryPhase.None;
            }
        }
    }
}
