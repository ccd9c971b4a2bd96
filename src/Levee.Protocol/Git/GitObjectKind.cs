namespace Levee.Protocol.Git;

/// <summary>What a git object is. The numbers are git's own pack types and are stored: never change them.</summary>
public enum GitObjectKind
{
    /// <summary>A snapshot in history.</summary>
    Commit = 1,

    /// <summary>A folder.</summary>
    Tree = 2,

    /// <summary>A file's bytes.</summary>
    Blob = 3,
}
