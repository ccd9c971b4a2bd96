namespace Levee.Sessions;

/// <summary>What came of a change of a ref.</summary>
public enum RefOutcome
{
    /// <summary>The ref points there, or, for the head of a document, would by an acknowledged summary.</summary>
    Done,

    /// <summary>It exists already and was to be made.</summary>
    Exists,

    /// <summary>The commit does not descend from where the ref points, and the change was not to be forced.</summary>
    NotFastForward,

    /// <summary>Others kept moving it.</summary>
    Contended,
}
