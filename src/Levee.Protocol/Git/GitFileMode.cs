namespace Levee.Protocol.Git;

/// <summary>What a tree's entry is; the numbers are git's file modes. Submodules (160000) are not supported.</summary>
public enum GitFileMode
{
    /// <summary>A folder: the entry is a tree.</summary>
    Directory = 0x4000, // 040000

    /// <summary>A file.</summary>
    File = 0x81A4, // 100644

    /// <summary>A file that may be run.</summary>
    Executable = 0x81ED, // 100755

    /// <summary>A symbolic link; the blob is its target.</summary>
    SymbolicLink = 0xA000, // 120000
}
