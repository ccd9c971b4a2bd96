using CsCheck;
using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The log says all: replaying it, from the start or from any checkpoint, gives the state that wrote it.</summary>
public sealed class ReplayPropertyTests
{
    [Fact]
    public void Replaying_the_log_gives_the_same_state() => Step.Script.Sample(steps =>
    {
        var run = Run.Of(steps).Settle();

        Assert.Equal(Describe(run.State), Describe(Replay(Run.NewState(), run.Log)));
    }, iter: 2000);

    [Fact]
    public void A_checkpoint_at_any_point_and_the_tail_of_the_log_give_the_same_state() =>
        Gen.Select(Step.Script, Gen.Int[0, 1000]).Sample((steps, point) =>
        {
            var run = Run.Of(steps, withCheckpoints: true).Settle();
            var start = CheckpointCodec.Decode(run.Checkpoints[point % run.Checkpoints.Count]);

            Assert.NotNull(start);
            Assert.Equal(Describe(run.State), Describe(Replay(start, run.Log[(int)start.SequenceNumber..])));
        }, iter: 2000);

    [Fact]
    public void The_quorum_of_a_summary_is_that_of_the_log_up_to_its_reference() => Step.Script.Sample(steps =>
    {
        var run = Run.Of(steps);
        foreach (var pending in run.State.PendingSummaries)
        {
            var covered = Replay(Run.NewState(), run.Log[..(int)pending.ReferenceSequenceNumber]);
            Assert.Equal(Describe(covered.Quorum), Describe(pending.Quorum));
        }
    }, iter: 2000);

    [Fact]
    public void A_checkpoint_is_read_back_as_it_was() => Step.Script.Sample(steps =>
    {
        var run = Run.Of(steps);
        var bytes = CheckpointCodec.Encode(run.State);

        var decoded = CheckpointCodec.Decode(bytes)!;

        Assert.Equal(Describe(run.State), Describe(decoded));
        Assert.Equal(Text(bytes), Text(CheckpointCodec.Encode(decoded)));
        Assert.Equal(
            run.State.Clients.Select(client => (client.ClientId, client.MaySummarize)).Order(),
            decoded.Clients.Select(client => (client.ClientId, client.MaySummarize)).Order());
    }, iter: 2000);

    [Fact]
    public void After_a_restart_numbers_continue_and_the_minimum_and_the_clock_do_not_fall() =>
        Gen.Select(Step.Script, Gen.Int[0, 1000]).Sample((steps, point) =>
        {
            var run = Run.Of(steps, withCheckpoints: true);
            var start = CheckpointCodec.Decode(run.Checkpoints[point % run.Checkpoints.Count])!;
            var state = Replay(start, run.Log[(int)start.SequenceNumber..]);
            var last = run.Log.Count == 0 ? default : SequencedMessageReader.Read(run.Log[^1]);

            var next = state.Join("newcomer", Detail(), maySummarize: false, now: 0);

            Assert.Equal(run.Log.Count + 1, next.SequenceNumber);
            Assert.True(next.MinimumSequenceNumber >= last.MinimumSequenceNumber);
            Assert.True(next.Timestamp >= last.Timestamp);
        }, iter: 400);

    private static DocumentState Replay(DocumentState state, IEnumerable<ReadOnlyMemory<byte>> log)
    {
        foreach (var message in log)
        {
            state.Replay(message);
            Assert.False(state.HasPendingNoOp);
        }

        return state;
    }

    private static string Describe(DocumentState state) => string.Join('\n', [
        $"{state.SequenceNumber} {state.MinimumSequenceNumber}",
        Describe(state.Quorum),
        state.LastSummary?.ToString() ?? "no summary",
        .. state.PendingSummaries.Select(pending =>
            $"{pending.SequenceNumber} {pending.ReferenceSequenceNumber} {Text(pending.Contents)} {Describe(pending.Quorum)}"),
        string.Join(' ', state.Clients.Select(client => client.ClientId).Order()),
    ]);

    private static string Describe(QuorumSnapshot quorum) =>
        $"{Text(QuorumJson.Members(quorum))} {Text(QuorumJson.Proposals(quorum))} {Text(QuorumJson.Values(quorum))}";
}
