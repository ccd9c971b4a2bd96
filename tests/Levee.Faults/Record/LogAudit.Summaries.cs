using System.Text.Json;

namespace Levee.Faults.Record;

/// <content>Summaries: each is answered once, and what is acknowledged is what somebody uploaded.</content>
internal sealed partial class LogAudit
{
    private readonly Dictionary<long, (string Handle, long ReferenceSequenceNumber)> _proposed = [];
    private readonly List<AcknowledgedSummary> _acknowledged = [];

    /// <summary>The acknowledged summaries, the oldest first.</summary>
    public IReadOnlyList<AcknowledgedSummary> Summaries => _acknowledged;

    /// <summary>How many summaries wait for their answer.</summary>
    public int Pending => _proposed.Count;

    /// <summary>What the document's head must be.</summary>
    public string Head => _acknowledged is [.., var last] ? last.Commit : record.InitialVersion;

    private void Propose(JsonElement message)
    {
        using var contents = JsonDocument.Parse(message.GetProperty("contents").GetString()!);
        _proposed.Add(
            Through,
            (contents.RootElement.GetProperty("handle").GetString()!, message.GetProperty("referenceSequenceNumber").GetInt64()));
    }

    private void Answer(JsonElement message, bool isAcknowledged)
    {
        var contents = message.GetProperty("contents");
        var proposal = contents.GetProperty("summaryProposal").GetProperty("summarySequenceNumber").GetInt64();
        Require(_proposed.Remove(proposal, out var proposed), message, "answers a summary that is not waiting");
        // Each document has one summarizer, which proposes one summary at a time, on the last acknowledged one.
        Require(isAcknowledged, message, "refuses a good summary");
        var uploaded = record.FindUpload(proposed.Handle);
        Require(uploaded is not null, message, $"acknowledges {proposed.Handle}, which nobody uploaded");
        _acknowledged.Add(new AcknowledgedSummary(
            contents.GetProperty("handle").GetString()!, proposed.ReferenceSequenceNumber, uploaded!, MembersAt(proposed.ReferenceSequenceNumber)));
    }

    private HashSet<string> MembersAt(long sequenceNumber)
    {
        var members = new HashSet<string>();
        foreach (var change in _changes.TakeWhile(change => change.SequenceNumber <= sequenceNumber))
        {
            _ = change.Joined ? members.Add(change.ClientId) : members.Remove(change.ClientId);
        }

        return members;
    }
}
