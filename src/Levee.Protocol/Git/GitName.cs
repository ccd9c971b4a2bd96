using System.Text;

namespace Levee.Protocol.Git;

/// <summary>The rules for a name inside a tree: those that <c>git fsck --strict</c> checks (fsck.c, <c>fsck_tree</c>).</summary>
internal static class GitName
{
    /// <summary>Longer names are reported by fsck as <c>largePathname</c>. In bytes.</summary>
    public const int MaxBytes = 4096;

    // Git strips these before it compares with ".git", since the HFS+ file system does (utf8.c, next_hfs_char).
    private const string IgnoredByHfs =
        "\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u206a\u206b\u206c\u206d\u206e\u206f\ufeff";

    /// <summary>Says what is wrong with a name; null when it is good.</summary>
    public static string? Problem(string name)
    {
        if (name.Length == 0)
        {
            return "A name must not be empty.";
        }

        if (name.AsSpan().ContainsAny('/', '\0'))
        {
            return "A name must not contain '/' or NUL.";
        }

        if (name is "." or ".." || IsDotGit(name))
        {
            return "A name must not be '.', '..' or a form of '.git'.";
        }

        // The length first: it bounds the work of counting.
        return name.Length > MaxBytes || Encoding.UTF8.GetByteCount(name) > MaxBytes
            ? $"A name must not have more than {MaxBytes} bytes."
            : null;
    }

    private static bool IsDotGit(string name) => IsDotGitForHfs(name) || Array.Exists(name.Split('\\'), IsDotGitForNtfs);

    private static bool IsDotGitForHfs(string name) =>
        string.Concat(name.Where(c => !IgnoredByHfs.Contains(c))).Equals(".git", StringComparison.OrdinalIgnoreCase);

    // NTFS ignores trailing spaces and dots, gives ".git" the short name "git~1", and opens streams behind a colon.
    private static bool IsDotGitForNtfs(string segment)
    {
        var name = segment.Split(':')[0].TrimEnd(' ', '.');
        return name.Equals(".git", StringComparison.OrdinalIgnoreCase) || name.Equals("git~1", StringComparison.OrdinalIgnoreCase);
    }
}
