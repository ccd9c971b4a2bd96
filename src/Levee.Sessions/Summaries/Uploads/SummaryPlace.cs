using System.Text;
using System.Text.Json;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// Where the reading of a summary is, and how much has been read. Put into words only for an error: a text of it for each part could
/// cost far more than the parts.
/// </summary>
internal sealed class SummaryPlace
{
    private readonly Stack<Step> _steps = new();
    private int _parts;

    // A name leads to a child of a tree, an index to an entry of a list, neither to an entry's value.
    private readonly record struct Step(string? Name, int Index);

    /// <summary>Counts a part.</summary>
    /// <exception cref="MalformedMessageException">There are too many.</exception>
    public void Begin()
    {
        if (++_parts > ObjectLimits.MaxListedEntries)
        {
            throw new MalformedMessageException($"A summary must not have more than {ObjectLimits.MaxListedEntries} parts");
        }
    }

    public void EnterChild(string name) => _steps.Push(new Step(name, 0));

    public void EnterEntry(int index) => _steps.Push(new Step(null, index));

    public void EnterValue() => _steps.Push(new Step(null, -1));

    public void Leave() => _steps.Pop();

    /// <summary>Requires that the reader stands at an object.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="member">Which member of what is here must be one; what is here itself, unless given.</param>
    /// <exception cref="MalformedMessageException">It stands at something else.</exception>
    public void RequireObject(in Utf8JsonReader reader, string member = "")
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw Refuse($"{member} must be an object");
        }
    }

    /// <summary>The refusal of what is here.</summary>
    public MalformedMessageException Refuse(string problem)
    {
        var path = new StringBuilder("summary");
        foreach (var (name, index) in _steps.Reverse())
        {
            path = name is not null ? path.Append(".tree['").Append(name).Append("']")
                : index >= 0 ? path.Append(".entries[").Append(index).Append(']')
                : path.Append(".value");
        }

        return new MalformedMessageException(path.Append(problem).ToString());
    }

    /// <summary>The refusal for want of a member.</summary>
    public MalformedMessageException Missing(string name) => Refuse($".{name} is missing or of the wrong type");
}
