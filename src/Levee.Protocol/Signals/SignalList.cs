namespace Levee.Protocol;

/// <summary>The signals of one push; stops the reading of a list that has no end.</summary>
internal sealed class SignalList(int max)
{
    public List<Signal> Signals { get; } = [];

    public void Add(Signal signal)
    {
        if (Signals.Count >= max)
        {
            throw new MalformedMessageException($"more than {max} signals at once");
        }

        Signals.Add(signal);
    }
}
