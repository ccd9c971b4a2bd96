using System.Text;
using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;
using Levee.Storage;

namespace Levee.Simulation;

/// <content>
/// The rules of summaries: each is answered once and in order, for a reason; a head moves with its answer; what was acknowledged loads, and
/// holds the quorum as it was at the number that it covers.
/// </content>
internal sealed partial class DocumentHistory
{
    private readonly List<string> _versions = [];

    // What a client may build on beside the last acknowledged summary: the service's summaries since, and the initial one before the first.
    private readonly HashSet<string> _sinceLast = new(StringComparer.Ordinal);
    private readonly Queue<StoredMessage> _unanswered = new();
    private readonly List<Proposal> _proposals = [];
    private string? _head;
    private string? _lastHandle;
    private long? _lastCovered;
    private StoredMessage? _moves;

    /// <summary>All that ever were the head, oldest first.</summary>
    public IReadOnlyList<string> Versions => _versions;

    private void FollowSummaries(StoredMessage message)
    {
        switch (message.Type)
        {
            case MessageType.Summarize when _lastCovered is null || message.ReferenceSequenceNumber > _lastCovered:
                _unanswered.Enqueue(message);
                break;
            case MessageType.SummaryAck or MessageType.SummaryNack:
                Answer(message);
                break;
            case MessageType.NoClient:
                _moves = message;
                break;
        }
    }

    private void Answer(StoredMessage answer)
    {
        if (!_unanswered.TryDequeue(out var summarize) || summarize.SequenceNumber != answer.Answers)
        {
            Violate($"message {answer.SequenceNumber} answers {answer.Answers} where {summarize?.SequenceNumber} waits for an answer");
            return;
        }

        var claim = summarize.Connection?.Find(summarize.ClientSequenceNumber)?.Summary;
        var isGood = claim is not null && IsGood(claim, summarize.ReferenceSequenceNumber);
        if (isGood != (answer.Type == MessageType.SummaryAck))
        {
            Violate($"summary {summarize.SequenceNumber} is answered by {answer.Type}: {Encoding.UTF8.GetString(answer.Contents)}; the head was {_head}");
            return;
        }

        _simulation.Statistics.Count(isGood ? "summaries acknowledged" : "summaries refused");
        if (isGood)
        {
            _moves = answer;
            _lastCovered = summarize.ReferenceSequenceNumber;
            _lastHandle = answer.Handle!;
            _sinceLast.Clear();
            RequireLoads(answer.Handle!, claim!, summarize.ReferenceSequenceNumber);
        }
    }

    private bool IsGood(SummaryClaim claim, long covered)
    {
        var buildsOnHead = claim.Head.Length == 0 ? _head is null : claim.Head == _head || claim.Head == _lastHandle || _sinceLast.Contains(claim.Head);
        return buildsOnHead
            && !(covered <= _lastCovered)
            && claim.Parents.All(_versions.Contains)
            && ObjectId.TryParse(claim.Handle, out var handle) && _simulation.Disk.FindObject(handle) is not null;
    }

    /// <summary>The head moves with the message that announces it, and only then.</summary>
    private void FollowHead(AppendRequest append)
    {
        var (moves, target) = (_moves, append.Head?.Target.ToString());
        _moves = null;
        if ((moves is null) != (target is null) || (moves?.Handle is { } handle && handle != target))
        {
            Violate($"the head moves to {target ?? "nowhere"} with {moves?.Type ?? "no message"} {moves?.Handle}");
            return;
        }

        if (target is not null)
        {
            if (moves!.Type == MessageType.NoClient)
            {
                _simulation.Statistics.Count("service summaries");
                _sinceLast.Add(target);
                RequireServiceSummary(target, moves.SequenceNumber);
            }

            if (ReadCommit(target)?.Parents is not ([] or [_]) || ReadCommit(target)?.Parents.FirstOrDefault().ToString() is var parent && _head is not null && parent != _head)
            {
                Violate($"the version {target} does not descend from {_head} alone");
            }

            _head = target;
            _versions.Add(target);
        }

        if (_simulation.Disk.Find(Key)!.Head?.ToString() != _head)
        {
            Violate($"the head is {_simulation.Disk.Find(Key)!.Head}, and no message says so");
        }
    }

    private void FollowProposals(StoredMessage message)
    {
        if (message.Type == MessageType.Propose)
        {
            using var text = JsonDocument.Parse(message.Contents);
            using var proposal = JsonDocument.Parse(text.RootElement.GetString()!);
            _proposals.Add(new Proposal(
                message.SequenceNumber, proposal.RootElement.GetProperty("key").GetString()!, proposal.RootElement.GetProperty("value").GetString()!));
        }

        foreach (var pending in _proposals.Where(proposal => proposal.AcceptedAt == long.MaxValue && proposal.Number <= message.MinimumSequenceNumber))
        {
            pending.AcceptedAt = message.SequenceNumber;
        }
    }

    private void RequireServiceSummary(string commit, long number)
    {
        if (ReadCommit(commit) is not { } read || read.Message != $"Service Summary @{number}" || !_simulation.Options.ServiceSummary
            || Find(read.Tree, ".logTail", "logTail") is not { } tail)
        {
            Violate($"service summary {number} does not load");
            return;
        }

        using var messages = JsonDocument.Parse(tail);
        var numbers = messages.RootElement.EnumerateArray().Select(message => message.GetProperty("sequenceNumber").GetInt64()).ToList();
        var first = (_lastCovered ?? _created.InitialSequenceNumber) + 1;
        if (!numbers.SequenceEqual(Enumerable.Range(0, (int)(number - first)).Select(i => first + i)))
        {
            Violate($"service summary {number} has the messages {numbers.FirstOrDefault()} to {numbers.LastOrDefault()}, not {first} to {number - 1}");
        }
    }

    private void RequireLoads(string commit, SummaryClaim claim, long covered)
    {
        if (ReadCommit(commit) is not { } read || ReadTree(read.Tree)?.FirstOrDefault(entry => entry.Name == "body")?.Id.ToString() != claim.Body)
        {
            Violate($"the summary of {covered} does not load");
            return;
        }

        var minimum = Has(covered) ? this[covered].MinimumSequenceNumber : covered;
        Require(read.Tree, "attributes", covered, $$"""{"minimumSequenceNumber":{{minimum}},"sequenceNumber":{{covered}}}""");
        RequireList(read.Tree, "quorumMembers", covered, _allMembers
            .Where(member => member.JoinedAt <= covered && member.LeftAt > covered).Select(member => $"{member.ClientId} {member.JoinedAt}"),
            pair => $"{pair[0].GetString()} {pair[1].GetProperty("sequenceNumber").GetInt64()}");
        RequireList(read.Tree, "quorumProposals", covered, _proposals
            .Where(proposal => proposal.Number <= covered && proposal.AcceptedAt > covered).Select(proposal => $"{proposal.Number} {proposal.Key} {proposal.Value}"),
            pair => $"{pair[0].GetInt64()} {pair[1].GetProperty("key").GetString()} {pair[1].GetProperty("value").GetString()}");
        RequireList(read.Tree, "quorumValues", covered, _proposals
            .Where(proposal => proposal.AcceptedAt <= covered).GroupBy(proposal => proposal.Key).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.Last()).Select(value => $"{value.Key} {value.Value} {value.Number} {value.AcceptedAt}"),
            pair => $"{pair[0].GetString()} {pair[1].GetProperty("value").GetString()} {pair[1].GetProperty("sequenceNumber").GetInt64()} {pair[1].GetProperty("approvalSequenceNumber").GetInt64()}");
    }

    private void Require(ObjectId root, string name, long covered, string expected)
    {
        var found = Find(root, ".protocol", name) is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : "nothing";
        if (found != expected)
        {
            Violate($"the summary of {covered} has {found} as {name}, not {expected}");
        }
    }

    private void RequireList(ObjectId root, string name, long covered, IEnumerable<string> expected, Func<JsonElement, string> read)
    {
        if (Find(root, ".protocol", name) is not { } bytes)
        {
            Violate($"the summary of {covered} lacks {name}");
            return;
        }

        using var list = JsonDocument.Parse(bytes);
        var found = list.RootElement.EnumerateArray().Select(read).ToList();
        if (!found.SequenceEqual(expected))
        {
            Violate($"the summary of {covered} has [{string.Join(", ", found)}] as {name}, not [{string.Join(", ", expected)}]");
        }
    }

    private GitCommit? ReadCommit(string id) =>
        ObjectId.TryParse(id, out var parsed) && _simulation.Disk.FindObject(parsed) is { Kind: GitObjectKind.Commit } commit
            ? GitCommit.Parse(commit.Content.Span)
            : null;

    private IReadOnlyList<GitTreeEntry>? ReadTree(ObjectId id) =>
        _simulation.Disk.FindObject(id) is { Kind: GitObjectKind.Tree } tree ? GitTree.Parse(tree.Content.Span).Entries : null;

    private ReadOnlyMemory<byte>? Find(ObjectId root, string folder, string name) =>
        ReadTree(root)?.FirstOrDefault(entry => entry.Name == folder) is { } inner
        && ReadTree(inner.Id)?.FirstOrDefault(entry => entry.Name == name) is { } file
        && _simulation.Disk.FindObject(file.Id) is { } blob
            ? blob.Content
            : null;

    private sealed class Proposal(long number, string key, string value)
    {
        public long Number { get; } = number;

        public string Key { get; } = key;

        public string Value { get; } = value;

        public long AcceptedAt { get; set; } = long.MaxValue;
    }
}
