using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>How modes are written and read.</summary>
public static class TreeEntryModes
{
    /// <summary>The six digits of the wire, such as <c>040000</c>.</summary>
    public static string ToText(this TreeEntryMode mode) => mode switch
    {
        TreeEntryMode.Tree => "040000",
        TreeEntryMode.File => "100644",
        TreeEntryMode.Executable => "100755",
        TreeEntryMode.SymbolicLink => "120000",
        _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Not a mode."),
    };

    /// <summary>Whether entries of this mode name trees or blobs.</summary>
    public static GitObjectKind KindOf(this TreeEntryMode mode) =>
        mode == TreeEntryMode.Tree ? GitObjectKind.Tree : GitObjectKind.Blob;

    /// <summary>Reads a mode; a tree's may lack its leading zero. Null for anything else, submodules included: there is no repository to look in.</summary>
    public static TreeEntryMode? Parse(string? text) => text switch
    {
        "040000" or "40000" => TreeEntryMode.Tree,
        "100644" => TreeEntryMode.File,
        "100755" => TreeEntryMode.Executable,
        "120000" => TreeEntryMode.SymbolicLink,
        _ => null,
    };
}
