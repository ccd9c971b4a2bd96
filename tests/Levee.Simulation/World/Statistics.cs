namespace Levee.Simulation;

/// <summary>What was done and suffered, by name.</summary>
internal sealed class Statistics
{
    private readonly SortedDictionary<string, long> _counts = new(StringComparer.Ordinal);

    public long this[string name] => _counts.GetValueOrDefault(name);

    public void Count(string name, long by = 1) => _counts[name] = this[name] + by;

    public void Add(Statistics other)
    {
        foreach (var (name, count) in other._counts)
        {
            Count(name, count);
        }
    }

    public override string ToString() => string.Join(", ", _counts.Select(entry => $"{entry.Key} {entry.Value}"));
}
