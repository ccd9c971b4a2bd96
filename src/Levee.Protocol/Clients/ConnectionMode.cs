namespace Levee.Protocol;

/// <summary>What a connection may do.</summary>
public enum ConnectionMode
{
    /// <summary>Receives only; it is in the audience but not in the quorum.</summary>
    Read,

    /// <summary>May submit ops; it joins the quorum and holds down the MSN.</summary>
    Write,
}
