using Levee.Fuzz.Oracle;

namespace Levee.Fuzz;

/// <summary>What a run did and found.</summary>
/// <param name="Inputs">How many inputs were sent, by dialect.</param>
/// <param name="Elapsed">How long they took.</param>
/// <param name="LogLines">How many lines of log were read.</param>
/// <param name="Before">At rest, after the warm-up.</param>
/// <param name="After">At rest, at the end.</param>
/// <param name="Findings">What was found; empty when all is well.</param>
internal sealed record FuzzReport(
    IReadOnlyDictionary<string, long> Inputs, TimeSpan Elapsed, long LogLines, Footprint Before, Footprint After, Findings Findings)
{
    /// <inheritdoc/>
    public override string ToString()
    {
        var total = Inputs.Values.Sum();
        return $"""
            inputs    {total} ({string.Join(", ", Inputs.Select(one => $"{one.Key} {one.Value}"))}) in {Elapsed.TotalSeconds:0} s, {total / Math.Max(1, Elapsed.TotalSeconds):0} a second
            log lines {LogLines}
            before    {Before}
            after     {After}
            findings  {Findings.All.Count}
            """;
    }
}
