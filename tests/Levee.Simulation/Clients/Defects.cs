using Levee.Protocol;

namespace Levee.Simulation;

/// <summary>Deliberate defects on a batch's way to a client.</summary>
internal static class Defects
{
    private const double Often = 0.01;

    /// <summary>What is delivered instead of a batch; the batch itself when there is no such defect.</summary>
    public static DeltaBatch[] Mangle(Simulation simulation, SeededRandom random, DeltaBatch deltas) => simulation.Defect switch
    {
        Defect.DropsDelivery when random.Chance(Often) => [],
        Defect.RepeatsDelivery when random.Chance(Often) => [deltas, deltas],
        Defect.ChangesDelivery when random.Chance(Often) => [Change(deltas, random)],
        _ => [deltas],
    };

    private static DeltaBatch Change(DeltaBatch deltas, SeededRandom random)
    {
        var json = deltas.Json.ToArray();
        json[random.Below(json.Length)] ^= 1;
        var end = 0;
        return new DeltaBatch(deltas.FirstSequenceNumber, json, [.. Enumerable.Range(0, deltas.Count).Select(i => (end += deltas[i].Length + 1) - 1)]);
    }
}
