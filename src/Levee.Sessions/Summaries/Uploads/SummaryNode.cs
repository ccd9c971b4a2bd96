namespace Levee.Sessions;

/// <summary>A part of a summary that a client uploads as a whole, in whichever form it came: <see cref="SummaryTree"/> or one of its leaves.</summary>
public abstract record SummaryNode
{
    private protected SummaryNode()
    {
    }
}
