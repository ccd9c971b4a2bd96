using System.Text.Json;
using Levee.Protocol;
using Levee.Protocol.Git;

namespace Levee.Simulation;

/// <content>What a client does of its own accord, until the run becomes quiet.</content>
internal sealed partial class SimulatedClient
{
    private readonly bool _isReader;
    private readonly TimeSpan _pause;

    private SubmittedOp NextOp(string type, byte[]? contents, long? reference = null, SummaryClaim? summary = null) => new()
    {
        ClientSequenceNumber = ++_clientSequenceNumber,
        ReferenceSequenceNumber = reference ?? _seen!.Value,
        Type = type,
        Contents = contents,
        Summary = summary,
    };

    private void ActLater()
    {
        var pause = _random.UpTo(_pause);
        if (_random.Chance(_simulation.Faults.Silence))
        {
            pause += _random.UpTo(TimeSpan.FromSeconds(30));
        }

        _simulation.Scheduler.After(pause, () =>
        {
            if (!_simulation.IsQuiet)
            {
                Act();
                ActLater();
            }
        });
    }

    private void Act()
    {
        if (!_isLive)
        {
            return;
        }

        if (_random.Chance(_simulation.Faults.Hostile))
        {
            _simulation.Statistics.Count("hostile acts");
            BeHostile();
            return;
        }

        if (_random.Chance(_simulation.Faults.Rereads))
        {
            _connection!.RequestOps(_random.Between((int)History.First, (int)_seen!));
            return;
        }

        var isWriter = _connection!.Record.Mode == ConnectionMode.Write;
        switch (_random.Below(20))
        {
            case < 12 when isWriter:
                Write();
                break;
            case < 14 when isWriter:
                Submit([NextOp(MessageType.NoOp, _random.Chance(0.7) ? "null"u8.ToArray() : null)]);
                break;
            case 14 when isWriter:
                _connection.UpdateReference(_seen!.Value);
                break;
            case 15 when isWriter && MaySummarize:
                Summarize();
                break;
            case 16 when isWriter && _random.Chance(0.2):
                Propose();
                break;
            case 17:
                SendSignal();
                break;
            case 18 when _random.Chance(0.05):
                Nacked(_connection);
                break;
            default:
                break;
        }
    }

    private void Write()
    {
        if (_pending.Count > 200)
        {
            // As stock clients, it waits until it hears of what it has sent.
            return;
        }

        var ops = Enumerable.Range(0, _random.Chance(0.7) ? 1 : _random.Between(2, 8)).Select(_ => MakeOp()).ToList();
        _pending.AddRange(ops);
        if (_unsettled.All(id => id == _clientId))
        {
            Submit(ops);
        }
    }

    private PendingOp MakeOp()
    {
        var text = $"{Number}.{++_made}";
        return new PendingOp(MessageType.Op, SubmittedOp.Text(_random.Chance(0.05) ? text + new string('x', 700) : text));
    }

    private void Propose()
    {
        var proposal = new PendingOp(
            MessageType.Propose, JsonSerializer.SerializeToUtf8Bytes($$"""{"key":"{{_random.Pick(["code", "other"])}}","value":"{{Number}}.{{++_made}}"}"""));
        _pending.Add(proposal);
        if (_unsettled.All(id => id == _clientId))
        {
            Submit([proposal]);
        }
    }

    private void SendSignal()
    {
        var target = _random.Chance(0.3) ? new SignalTarget(null, null, History.AnyMember(_random)) : null;
        _connection!.Signal([Protocol.Signal.Of(JsonSerializer.SerializeToUtf8Bytes(new object?[] { ++_made, target?.ClientId }), target)]);
    }

    private void Summarize()
    {
        var body = GitObject.Blob($"{Number}.{++_made}");
        var tree = GitTree.Create([new GitTreeEntry(GitFileMode.File, "body", body.Id)]).ToObject();
        var connection = _connection!;
        connection.Upload([body, tree], () =>
        {
            if (connection == _connection && _isLive)
            {
                Submit([NextOp(MessageType.Summarize, null, null).With(ClaimOf(tree, body))]);
            }
        });
    }

    /// <summary>Mostly as it should be; else it builds on something old, or names what is not there.</summary>
    private SummaryClaim ClaimOf(GitObject tree, GitObject body)
    {
        var nothing = GitObject.Blob($"nothing {Number}.{_made}").Id.ToString();
        var versions = History.Versions;
        var head = _random.Chance(0.1) ? (versions.Count > 0 ? _random.Pick(versions) : nothing) : _head;
        string[] parents = _random.Chance(0.05) ? [nothing] : head.Length > 0 && _random.Chance(0.8) ? [head] : [];
        return new SummaryClaim(_random.Chance(0.05) ? nothing : tree.Id.ToString(), body.Id.ToString(), head, parents);
    }

    private void BeHostile()
    {
        var op = SubmittedOp.Text("hostile");
        switch (_random.Below(8))
        {
            case 0:
                Submit([new SubmittedOp { ClientSequenceNumber = _clientSequenceNumber + 1000, ReferenceSequenceNumber = _seen!.Value, Type = MessageType.Op, Contents = op }]);
                break;
            case 1:
                Submit([NextOp(_random.Pick([MessageType.Join, MessageType.Leave, MessageType.SummaryAck, MessageType.SummaryNack, MessageType.NoClient, MessageType.Control]), op)]);
                break;
            case 2:
                Submit([NextOp(MessageType.Op, op, 1L << 40)]);
                break;
            case 3:
                Submit([NextOp(MessageType.Op, op, -_random.Between(1, 3))]);
                break;
            case 4:
                Submit([NextOp(MessageType.Op, op, _random.Below((int)_seen!.Value + 1))]);
                break;
            case 5:
                Submit([NextOp(MessageType.NoOp, "null"u8.ToArray(), _random.Below((int)_seen!.Value + 1))]);
                break;
            case 6:
                Submit([NextOp(MessageType.Summarize, null).With(new SummaryClaim("x", "x", _head, []))]);
                break;
            default:
                _connection!.UpdateReference(_random.Below((int)_seen!.Value + 10) - 2);
                break;
        }
    }
}
