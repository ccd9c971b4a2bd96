using System.Diagnostics.CodeAnalysis;

namespace Levee.Protocol.Git;

/// <summary>The octal forms of <see cref="GitFileMode"/>.</summary>
public static class GitFileModes
{
    /// <summary>Reads the form that clients send: git's own, or six digits as in <c>040000</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out GitFileMode mode)
    {
        mode = text switch
        {
            "40000" or "040000" => GitFileMode.Directory,
            "100644" => GitFileMode.File,
            "100755" => GitFileMode.Executable,
            "120000" => GitFileMode.SymbolicLink,
            _ => 0,
        };
        return mode != 0;
    }

    /// <summary>The form inside a tree object: octal without a leading zero.</summary>
    public static string ToCanonicalString(this GitFileMode mode) => mode switch
    {
        GitFileMode.Directory => "40000",
        GitFileMode.File => "100644",
        GitFileMode.Executable => "100755",
        GitFileMode.SymbolicLink => "120000",
        _ => throw new GitFormatException($"Mode {(int)mode} is not one of 40000, 100644, 100755, 120000."),
    };

    /// <summary>The form in JSON answers: always six digits.</summary>
    public static string ToWireString(this GitFileMode mode) => mode.ToCanonicalString().PadLeft(6, '0');
}
