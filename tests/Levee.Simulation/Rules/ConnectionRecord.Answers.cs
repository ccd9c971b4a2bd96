using Levee.Protocol;

namespace Levee.Simulation;

/// <content>Which ops must be nacked, which must not, and why: the rules of ticketing, in their order.</content>
internal sealed partial class ConnectionRecord
{
    private long _accepted;
    private bool _isRefusedForGood;

    /// <summary>A submission was answered: what was not nacked is durable.</summary>
    public void Answered(SubmittedBatch batch, IReadOnlyList<Nack> nacks)
    {
        var next = 0;
        foreach (var op in batch.Ops)
        {
            var nack = next < nacks.Count && nacks[next].Operation?.ClientSequenceNumber == op.ClientSequenceNumber ? nacks[next++] : null;
            if (nack is null)
            {
                RequireAcceptable(op);
            }
            else if (!IsJustified(op, nack))
            {
                Violate($"has CSN {op.ClientSequenceNumber} (RSN {op.ReferenceSequenceNumber}, {op.Type}) nacked: {nack.Content.Code} {nack.Content.Message}; {_accepted} was the last one taken");
            }
        }

        if (next != nacks.Count)
        {
            Violate("has something nacked that it did not submit");
        }
    }

    private bool IsMember => Mode == ConnectionMode.Write && LeftAt == 0;

    private bool WasMember => Mode == ConnectionMode.Write && JoinedAt > 0;

    private void RequireAcceptable(SubmittedOp op)
    {
        var number = op.ClientSequenceNumber;
        if (WasMember && number <= _accepted)
        {
            // A duplicate: dropped without a word.
            return;
        }

        if (!WasMember || number != _accepted + 1 || MessageType.IsService(op.Type) || _isRefusedForGood || op.ReferenceSequenceNumber < -1
            || (op.Type == MessageType.Summarize && !maySummarize))
        {
            Violate($"has CSN {number} ({op.Type}, RSN {op.ReferenceSequenceNumber}) taken; {_accepted} was the last one");
        }

        _accepted = number;
        if (op.Type != MessageType.NoOp && !Sequenced.ContainsKey(number))
        {
            Violate($"has CSN {number} acknowledged, and it is not durable");
        }
    }

    private bool IsJustified(SubmittedOp op, Nack nack)
    {
        var (number, reference, text) = (op.ClientSequenceNumber, op.ReferenceSequenceNumber, nack.Content.Message);
        var isKnown = WasMember;
        var code = op.Type == MessageType.Summarize && text.Contains("summary permission", StringComparison.Ordinal) ? 403 : 400;
        if (nack.Content.Code != code || nack.Content.Type != (code == 403 ? NackErrorType.InvalidScope : NackErrorType.BadRequest))
        {
            return false;
        }

        if (text.StartsWith("Gap", StringComparison.Ordinal))
        {
            return isKnown && number > _accepted + 1;
        }

        if (IsMember && number <= _accepted)
        {
            return false;
        }

        if (text == "Op not allowed")
        {
            return MessageType.IsService(op.Type);
        }

        if (text == "Nonexistent client")
        {
            return !MessageType.IsService(op.Type) && (!IsMember || _isRefusedForGood);
        }

        if (number != _accepted + 1 || _isRefusedForGood || !isKnown)
        {
            return false;
        }

        if (text.Contains("is not between", StringComparison.Ordinal))
        {
            // A session that was replaced and does not know it yet lets its clients read more of the log than it knows itself.
            return reference < -1 || reference > LastTold || (History.Has(reference) && History[reference].Writer != Process);
        }

        if (text.StartsWith("Refseq", StringComparison.Ordinal))
        {
            _isRefusedForGood = true;
            _accepted = number;
            return reference >= 0 && reference < nack.SequenceNumber && nack.SequenceNumber <= History.Last
                && text == $"Refseq {reference} < {nack.SequenceNumber}";
        }

        return code == 403 && !maySummarize;
    }
}
