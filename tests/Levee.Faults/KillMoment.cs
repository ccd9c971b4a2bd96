namespace Levee.Faults;

/// <summary>What the server is doing when it is killed.</summary>
internal enum KillMoment
{
    /// <summary>Everybody is connected and writes.</summary>
    Load,

    /// <summary>It has just begun to listen, and everybody comes back.</summary>
    Connecting,

    /// <summary>It has not begun to listen.</summary>
    StartUp,

    /// <summary>A summary is being uploaded, or waits for its answer.</summary>
    Summary,

    /// <summary>It has been told to stop.</summary>
    Shutdown,
}
