using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>What a git object that a client makes may cost. Far above what Fluid containers need, and enough to keep every walk finite.</summary>
public static class ObjectLimits
{
    /// <summary>How many trees may lie inside each other.</summary>
    public const int MaxTreeDepth = 64;

    /// <summary>How deep the JSON of a whole summary may be nested: up to four levels for each of its trees.</summary>
    public const int MaxSummaryJsonDepth = 4 * MaxTreeDepth;

    /// <summary>How many entries one tree may have, and how many one request may touch or load.</summary>
    public const int MaxTreeEntries = 20_000;

    /// <summary>How many entries a recursive listing may have; a larger tree is listed level by level.</summary>
    public const int MaxListedEntries = 100_000;

    /// <summary>
    /// How many entries the app's part of a summary may have: so many fewer than a listing that what the service keeps beside it
    /// (<c>.protocol</c>, <c>.serviceProtocol</c>, <c>.logTail</c>: nine entries) has room.
    /// </summary>
    public const int MaxAppEntries = MaxListedEntries - 9;

    /// <summary>
    /// How many characters the paths of a recursive listing may have together. Each path repeats the names above it: a thousand entries below
    /// sixty long names would be half a gigabyte. As many entries as a listing may have, deep in a Fluid container, have paths of 150 each.
    /// </summary>
    public const int MaxListedCharacters = 16 << 20;

    /// <summary>How many characters the paths of the app's part of a summary may have: so many fewer that those of the service have room.</summary>
    public const int MaxAppCharacters = MaxListedCharacters - 1024;

    /// <summary>How many refs one listing may have; heads of other documents do not count.</summary>
    public const int MaxListedRefs = 10_000;

    /// <summary>The longest name in a tree, in bytes of UTF-8; git's own limit.</summary>
    public const int MaxNameBytes = GitTree.MaxNameBytes;

    /// <summary>How many parents a commit may have.</summary>
    public const int MaxParents = 16;

    /// <summary>The longest commit message, in characters.</summary>
    public const int MaxMessageLength = 65_536;

    /// <summary>The longest name or address of an author, in characters.</summary>
    public const int MaxAuthorLength = 256;

    /// <summary>How many commits are looked at to find out whether one descends from another.</summary>
    public const int MaxAncestors = 10_000;
}
