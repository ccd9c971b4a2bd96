using static Levee.Protocol.Tests.Sample;

namespace Levee.Protocol.Tests;

/// <summary>The hot path costs no garbage per op.</summary>
public sealed class AllocationTests
{
    private const int Ops = 1000;

    [Fact]
    public void Ticketing_and_encoding_a_plain_op_allocates_nothing()
    {
        var state = DocumentState.Initial(0, []);
        state.Join("A", Detail(), maySummarize: false, now: 0);
        state.Join("B", Detail(), maySummarize: false, now: 0);
        var builder = new DeltaBatchBuilder();
        // The builder's next buffer is as large as the batch before, so the measured ops grow nothing.
        var csn = Run(state, builder, csn: 0, 2 * Ops);
        builder.Build();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(state, builder, csn, Ops);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // The smallest object there is, once per op, would be 24 000 bytes.
        Assert.InRange(allocated, 0, 8 * Ops);
    }

    private static long Run(DocumentState state, DeltaBatchBuilder builder, long csn, int ops)
    {
        var op = Op(1, 2);
        for (var i = 0; i < ops; i++)
        {
            var outcome = state.Ticket("A", op with { ClientSequenceNumber = ++csn }, now: i);
            builder.Add(outcome.Message);
        }

        return csn;
    }
}
