namespace Levee.Faults;

/// <summary>How far a summary is.</summary>
internal enum SummaryPhase
{
    /// <summary>There is none under way.</summary>
    None,

    /// <summary>Some of its parts are uploaded.</summary>
    Uploading,

    /// <summary>Its op has been sent, and is not answered.</summary>
    Proposed,
}
