namespace Levee.Faults;

/// <content>What is checked, and when.</content>
internal sealed partial class FaultRun
{
    // What a busy build server may take; a server that is well and has the machine for itself takes a second.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(30);

    private int _lastWholeCheck;
    private int _lastReport;

    /// <summary>After a start: what is kept, and now and then everything.</summary>
    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        RequireCleanOutput();
        await Task.WhenAll(_documents.Select(document => document.AfterRestartAsync(cancellationToken)).Append(_maker.VerifyAsync(cancellationToken)));
        if (_report.Kills - _lastWholeCheck >= KillsBetweenWholeChecks)
        {
            _lastWholeCheck = _report.Kills;
            await QuietAsync(cancellationToken);
            _run.IsWriting = true;
        }

        if (_report.Kills - _lastReport >= KillsBetweenReports)
        {
            _lastReport = _report.Kills;
            Count();
            _options.Write(_report.Progress);
        }
    }

    /// <summary>Everybody leaves; then once more after a last kill, everything is read again from a server that nobody is connected to.</summary>
    private async Task EndAsync(CancellationToken cancellationToken)
    {
        await QuietAsync(cancellationToken);
        await Task.WhenAll(_clients.Select(client => client.LeaveAsync(politely: _random.Next(2) == 0)));
        await UntilAsync("nobody is in the quorum when everybody has left", NobodyIsThereAsync, DescribeQuorums, cancellationToken);
        await KillAsync(KillMoment.Load, LongestSummary, cancellationToken);
        await StartAsync(cancellationToken);
        RequireCleanOutput();
        await Task.WhenAll(_documents.Select(document => document.WholeAsync(cancellationToken)));
    }

    /// <summary>Nobody writes any more: all that was submitted is sequenced, and everybody has seen everything.</summary>
    private async Task QuietAsync(CancellationToken cancellationToken)
    {
        _run.IsWriting = false;
        await UntilAsync("all that was submitted is sequenced and answered", IsQuietAsync, DescribePending, cancellationToken);
        await UntilAsync("everybody has seen everything", HaveConvergedAsync, DescribeClients, cancellationToken);
        await Task.WhenAll(_documents.Select(document => document.WholeAsync(cancellationToken)));
        _report.WholeChecks++;
    }

    private Task EverybodyIsThereAsync(CancellationToken cancellationToken) => UntilAsync(
        "everybody is connected, and nobody else is in the quorum", IsEverybodyThereAsync, DescribeQuorums, cancellationToken);

    private async Task<bool> IsEverybodyThereAsync(CancellationToken cancellationToken)
    {
        var ids = _clients.ToDictionary(client => client, client => client.ClientId);
        if (ids.ContainsValue(null))
        {
            return false;
        }

        foreach (var document in _documents)
        {
            await document.ReadLogAsync(cancellationToken);
            var members = ids.Where(pair => pair.Key.IsMember && pair.Key.DocumentId == document.Record.DocumentId).Select(pair => pair.Value!);
            if (!document.Log.Present.ToHashSet().SetEquals(members))
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> IsQuietAsync(CancellationToken cancellationToken)
    {
        foreach (var document in _documents)
        {
            await document.ReadLogAsync(cancellationToken);
        }

        return !_clients.Exists(client => client.HasPending) && !_documents.Exists(document => document.Log.Pending > 0);
    }

    private async Task<bool> HaveConvergedAsync(CancellationToken cancellationToken)
    {
        if (!await IsEverybodyThereAsync(cancellationToken))
        {
            return false;
        }

        var last = _documents.ToDictionary(document => document.Record.DocumentId, document => document.Log.Through);
        return _clients.TrueForAll(client => client.LastSeen == last[client.DocumentId]);
    }

    private async Task<bool> NobodyIsThereAsync(CancellationToken cancellationToken)
    {
        foreach (var document in _documents)
        {
            await document.ReadLogAsync(cancellationToken);
        }

        return _documents.TrueForAll(document => document.Log.Present.Count == 0);
    }

    /// <summary>Whatever happens to it, the server has a word for it: what it logs as an error is a defect, or what an operator must mend.</summary>
    private void RequireCleanOutput()
    {
        var errors = _server.Output.Split(Environment.NewLine)
            .Where(line => line.Contains("fail: ", StringComparison.Ordinal) || line.Contains("crit: ", StringComparison.Ordinal)
                || line.StartsWith("Unhandled exception", StringComparison.Ordinal))
            .ToList();
        if (errors.Count > 0)
        {
            throw new ViolationException($"the server logged errors:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Take(10))}");
        }
    }

    private static async Task UntilAsync(
        string what, Func<CancellationToken, Task<bool>> holds, Func<string> describe, CancellationToken cancellationToken)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!await holds(cancellationToken))
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new ViolationException($"not true within {Patience.TotalSeconds} s: {what}.{Environment.NewLine}{describe()}");
            }

            await Task.Delay(Glance, cancellationToken);
        }
    }

    private string DescribeClients() => string.Join(Environment.NewLine, _clients.Select(client =>
        $"  {client.Name}: id {client.ClientId ?? "none"}, has seen {client.LastSeen}, pending {client.HasPending}, summary {client.Phase}, {client.LastError}"));

    private string DescribeQuorums() => string.Join(Environment.NewLine, _documents.Select(document =>
        $"  {document.Record.DocumentId} at {document.Log.Through}: {string.Join(", ", document.Log.Present.Select(id => $"{id} ({document.Record.ClientOf(id)?.Name})"))}"))
        + Environment.NewLine + DescribeClients();

    private string DescribePending() => string.Join(Environment.NewLine, _documents.Select(document =>
        $"  {document.Record.DocumentId} at {document.Log.Through}: {document.Log.Pending} summaries unanswered")) + Environment.NewLine + DescribeClients();
}
