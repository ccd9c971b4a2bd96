using System.Text;

namespace Levee.Fuzz.Oracle;

/// <summary>What was found so far. Safe for any number of threads.</summary>
internal sealed class Findings
{
    // Beyond these a run has nothing to add: most are one cause over and over.
    private const int Most = 50;

    private readonly Lock _gate = new();
    private readonly List<Finding> _all = [];

    /// <summary>The findings.</summary>
    internal IReadOnlyList<Finding> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _all];
            }
        }
    }

    internal bool IsFull => All.Count >= Most;

    internal void Add(Finding finding)
    {
        lock (_gate)
        {
            if (_all.Count < Most)
            {
                _all.Add(finding);
            }
        }
    }

    /// <summary>All of them as text, each with the command that shows it again.</summary>
    internal string Describe(int seed)
    {
        var text = new StringBuilder();
        foreach (var finding in All)
        {
            text.AppendLine($"FINDING {finding.What}");
            if (finding.Conversation >= 0)
            {
                text.AppendLine($"  again: --seed {seed} --dialect {finding.Dialect} --conversation {finding.Conversation}");
            }

            foreach (var input in finding.Inputs)
            {
                text.AppendLine($"  sent: {Printable(input)}");
            }
        }

        return text.ToString();
    }

    /// <summary>Bytes as one line of text: what is not printable ASCII stands as <c>\xHH</c>.</summary>
    internal static string Printable(byte[] bytes)
    {
        const int Shown = 2000;
        var text = new StringBuilder();
        foreach (var one in bytes.AsSpan(0, Math.Min(bytes.Length, Shown)))
        {
            text.Append(one is >= 0x20 and < 0x7f ? (char)one : $"\\x{one:x2}");
        }

        return bytes.Length <= Shown ? text.ToString() : $"{text}... ({bytes.Length} bytes)";
    }
}
