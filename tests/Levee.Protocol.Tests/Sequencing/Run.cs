using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>Runs steps on a <see cref="DocumentState"/> and, beside it, on the naive model. Keeps the log, and a checkpoint at each step.</summary>
internal sealed class Run
{
    private static readonly QuorumValue InitialCode = new("code", Bytes("{\"package\":1}"), 0, 0, 0);

    private readonly NaiveSequencer _model = new();
    private long _clock = 1000;

    public DocumentState State { get; } = NewState();

    /// <summary>Every message in its encoded form.</summary>
    public List<ReadOnlyMemory<byte>> Log { get; } = [];

    /// <summary>The state as bytes, at the start and after each step; made when they are asked for.</summary>
    public List<byte[]> Checkpoints { get; } = [];

    /// <summary>What the product did at each step.</summary>
    public List<string> Outcomes { get; } = [];

    /// <summary>What the model would have done.</summary>
    public List<string> Expected { get; } = [];

    public static DocumentState NewState() => DocumentState.Initial(0, [InitialCode]);

    public static Run Of(IEnumerable<Step> steps, bool withCheckpoints = false)
    {
        var run = new Run();
        foreach (var step in steps.Prepend(new Step(StepKind.Timer, 0, 0, 0, "", null, 0)))
        {
            run.Take(step);
            if (withCheckpoints)
            {
                run.Checkpoints.Add(CheckpointCodec.Encode(run.State));
            }
        }

        return run;
    }

    /// <summary>Announces a raised MSN, so that the log tells all that the state knows.</summary>
    public Run Settle()
    {
        Take(new Step(StepKind.Timer, 0, 0, 0, "", null, 0));
        return this;
    }

    /// <summary>The numbers and clients, of both.</summary>
    public (string Product, string Model) Numbers() => (
        $"{State.SequenceNumber} {State.MinimumSequenceNumber} " + string.Join(' ', State.Clients.OrderBy(c => c.ClientId).Select(c =>
            $"{c.ClientId}:{c.ClientSequenceNumber}:{c.ReferenceSequenceNumber}:{c.IsNacked}:{c.MaySummarize}:{c.LastActive}")),
        $"{_model.Sn} {_model.Msn} " + string.Join(' ', _model.Clients.OrderBy(c => c.Id).Select(c =>
            $"{c.Id}:{c.Csn}:{c.Rsn}:{c.Nacked}:{c.MaySummarize}:{c.LastActive}")));

    private void Take(Step step)
    {
        _clock += step.Clock;
        switch (step.Kind)
        {
            case StepKind.Join when !_model.Clients.Exists(client => client.Id == step.ClientId):
                var detail = Detail(step.ClientId, step.IsSummarizer);
                Record(State.Join(step.ClientId, detail, detail.MaySummarize, _clock), _model.Join(step.ClientId, step.IsSummarizer, _clock));
                break;

            case StepKind.Leave:
                var left = State.TryLeave(step.ClientId, _clock, out var leave);
                Record(left, leave, "not here", _model.Leave(step.ClientId, _clock));
                break;

            case StepKind.Submit:
                Submit(step);
                break;

            case StepKind.Refer:
                var rsn = step.RsnAt(State.SequenceNumber, State.MinimumSequenceNumber);
                State.UpdateReference(step.ClientId, rsn, _clock);
                _model.Refer(step.ClientId, rsn, _clock);
                break;

            case StepKind.Timer:
                Record(State.SequencePendingNoOp(_clock, out var noOp), noOp, "nothing to tell", _model.Timer(_clock));
                break;

            case StepKind.NoClient:
                Record(State.TrySequenceNoClient(_clock, out var noClient), noClient, "somebody writes", _model.NoClient(_clock));
                break;

            case StepKind.Ack or StepKind.Nack when State.PendingSummaries.Count > 0:
                Answer(State.PendingSummaries[step.Client % State.PendingSummaries.Count], step.Kind == StepKind.Ack);
                break;
        }
    }

    private void Submit(Step step)
    {
        var due = 1 + (_model.Clients.Find(client => client.Id == step.ClientId)?.Csn ?? 0);
        var op = Op(due + step.Csn, step.RsnAt(State.SequenceNumber, State.MinimumSequenceNumber), step.Type, step.Contents);
        var outcome = State.Ticket(step.ClientId, op, _clock);
        Outcomes.Add(NaiveSequencer.Describe(outcome));
        Expected.Add(_model.Submit(step.ClientId, op, _clock));
        if (outcome.Kind == TicketKind.Sequenced)
        {
            Log.Add(Encode(outcome.Message));
        }
    }

    private void Answer(PendingSummary pending, bool accept)
    {
        var answer = accept
            ? new SummaryAnswer(pending.SequenceNumber, $"commit-{pending.SequenceNumber}", null)
            : new SummaryAnswer(pending.SequenceNumber, null, "no");
        Record(State.Answer(answer, _clock), _model.Service(accept ? "summaryAck" : "summaryNack", _clock));
    }

    private void Record(bool done, in SequencedDocumentMessage message, string otherwise, string expected)
    {
        if (done)
        {
            Record(message, expected);
            return;
        }

        Outcomes.Add(otherwise);
        Expected.Add(expected);
    }

    private void Record(in SequencedDocumentMessage message, string expected)
    {
        Outcomes.Add(NaiveSequencer.Describe(message));
        Expected.Add(expected);
        Log.Add(Encode(message));
    }
}
