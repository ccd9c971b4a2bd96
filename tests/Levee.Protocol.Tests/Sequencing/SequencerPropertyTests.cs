using CsCheck;

namespace Levee.Protocol.Tests;

/// <summary>Whatever happens in whichever order, the sequencer does what the rules say.</summary>
public sealed class SequencerPropertyTests
{
    [Fact]
    public void Does_the_same_as_the_naive_model() => Step.Script.Sample(steps =>
    {
        var run = Run.Of(steps);

        Assert.Equal(run.Expected, run.Outcomes);
        var (product, model) = run.Numbers();
        Assert.Equal(model, product);
    }, iter: 4000);

    [Fact]
    public void Numbers_have_no_gap_and_no_repeat() => Step.Script.Sample(steps =>
    {
        var numbers = Run.Of(steps).Log.Select(json => SequencedMessageReader.Read(json).SequenceNumber).ToArray();

        Assert.Equal(Enumerable.Range(1, numbers.Length).Select(number => (long)number), numbers);
    }, iter: 1000);

    [Fact]
    public void The_minimum_never_falls_and_never_exceeds_the_number_or_a_writers_rsn() => Step.Script.Sample(steps =>
    {
        long last = 0;
        for (var count = 0; count <= steps.Length; count += 7)
        {
            var state = Run.Of(steps[..count]).State;
            Assert.InRange(state.MinimumSequenceNumber, last, state.SequenceNumber);
            Assert.All(state.Clients, client => Assert.True(state.MinimumSequenceNumber <= client.ReferenceSequenceNumber));
            last = state.MinimumSequenceNumber;
        }
    }, iter: 500);

    [Fact]
    public void The_minimum_of_the_log_is_that_of_the_writers_or_the_number_itself() => Step.Script.Sample(steps =>
    {
        long last = 0;
        var timestamp = 0L;
        var writers = new HashSet<string>();
        foreach (var message in Run.Of(steps).Log.Select(json => SequencedMessageReader.Read(json)))
        {
            _ = message.Type == MessageType.Join && writers.Add(SystemMessage.ReadJoin(message)!.ClientId);
            _ = message.Type == MessageType.Leave && writers.Remove(SystemMessage.ReadLeave(message)!);
            Assert.True(message.MinimumSequenceNumber >= last && message.Timestamp >= timestamp);
            if (writers.Count == 0)
            {
                Assert.Equal(message.SequenceNumber, message.MinimumSequenceNumber);
            }

            (last, timestamp) = (message.MinimumSequenceNumber, message.Timestamp);
        }
    }, iter: 1000);

    [Fact]
    public void With_many_clients_the_minimum_is_the_lowest_rsn_of_those_who_are_there() =>
        Gen.Select(Gen.Int[0, 40], Gen.Int[0, 7], Gen.Int[0, 100]).Array[0, 200].Sample(steps =>
        {
            var (product, model) = (new Sequencer(0, 0), new NaiveSequencer());
            foreach (var (client, kind, place) in steps)
            {
                var id = $"{client}";
                var isThere = product.TryGetClient(id, out _);
                if (!isThere)
                {
                    product.Join(id, false, default, 0);
                    model.Join(id, false, 0);
                }
                else if (kind == 1)
                {
                    // Numbers spread, so that references do.
                    product.SequenceService("x", default, 0);
                    model.Service("x", 0);
                }
                else if (kind == 0)
                {
                    product.TryLeave(id, default, 0, out _);
                    model.Leave(id, 0);
                }
                else
                {
                    var rsn = product.MinimumSequenceNumber + ((product.SequenceNumber - product.MinimumSequenceNumber) * place / 100);
                    product.UpdateReference(id, rsn, 0);
                    model.Refer(id, rsn, 0);
                }

                Assert.Equal((model.Sn, model.Msn), (product.SequenceNumber, product.MinimumSequenceNumber));
            }

            // The slowest leave first: each time the next slowest must come to light.
            foreach (var id in model.Clients.OrderBy(client => client.Rsn).Select(client => client.Id).ToArray())
            {
                product.TryLeave(id, default, 0, out _);
                model.Leave(id, 0);
                Assert.Equal((model.Sn, model.Msn), (product.SequenceNumber, product.MinimumSequenceNumber));
            }
        }, iter: 300);

    [Fact]
    public void One_clients_ops_keep_their_order_without_a_gap_but_for_noops() => Step.Script.Sample(steps =>
    {
        var last = new Dictionary<string, long>();
        foreach (var message in Run.Of(steps).Log.Select(json => SequencedMessageReader.Read(json)))
        {
            if (message.Type == MessageType.Join)
            {
                last[SystemMessage.ReadJoin(message)!.ClientId] = 0;
            }
            else if (message.ClientId is { } sender)
            {
                Assert.True(message.ClientSequenceNumber > last[sender]);
                last[sender] = message.ClientSequenceNumber;
            }
        }
    }, iter: 1000);
}
