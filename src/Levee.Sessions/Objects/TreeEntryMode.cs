namespace Levee.Sessions;

/// <summary>What an entry of a tree is; the numbers are git's octal modes.</summary>
public enum TreeEntryMode
{
    /// <summary><c>040000</c>: a tree (git stores it without the leading zero).</summary>
    Tree = 0x4000,

    /// <summary><c>100644</c>: a file.</summary>
    File = 0x81A4,

    /// <summary><c>100755</c>: a file that may be executed.</summary>
    Executable = 0x81ED,

    /// <summary><c>120000</c>: a blob that holds the target of a symbolic link.</summary>
    SymbolicLink = 0xA000,
}
