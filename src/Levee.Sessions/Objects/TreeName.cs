using System.Text;
using Levee.Protocol;

namespace Levee.Sessions;

/// <summary>
/// Names that a tree may hold: what git takes and <c>git fsck</c> is content with, so that an export can be checked out on any
/// system without writing into the repository itself.
/// </summary>
public static class TreeName
{
    /// <summary>Returns the name when it is one.</summary>
    /// <exception cref="MalformedMessageException">It is none; the message says why.</exception>
    public static string Require(string name)
    {
        if (name.Length == 0 || name is "." or ".." || name.Contains('/'))
        {
            throw new MalformedMessageException("A path must not have empty segments, '.' or '..'");
        }

        if (name.Any(char.IsControl) || !IsText(name))
        {
            throw new MalformedMessageException("A path must be text without control characters");
        }

        if (Encoding.UTF8.GetByteCount(name) > ObjectLimits.MaxNameBytes)
        {
            throw new MalformedMessageException($"A segment of a path must not be longer than {ObjectLimits.MaxNameBytes} bytes");
        }

        return IsGitDirectory(name) ? throw new MalformedMessageException("A path must not have a segment that means '.git'") : name;
    }

    private static bool IsText(string name) => !name.AsSpan().ContainsAny('\uFFFE', '\uFFFF') && HasNoLoneSurrogate(name);

    private static bool HasNoLoneSurrogate(string name)
    {
        var rest = name.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[length..];
        }

        return true;
    }

    /// <summary>
    /// As <c>fsck</c> sees it: file systems of Windows drop trailing dots and spaces, end the name at a colon and take a backslash for a
    /// separator; that of macOS ignores some invisible characters.
    /// </summary>
    private static bool IsGitDirectory(string name)
    {
        var visible = string.Concat(name.Where(c => !IsIgnoredByHfs(c)));
        return visible.Split('\\').Any(part =>
        {
            var stem = part.Split(':')[0].TrimEnd(' ', '.');
            return stem.Equals(".git", StringComparison.OrdinalIgnoreCase) || stem.Equals("git~1", StringComparison.OrdinalIgnoreCase);
        });
    }

    private static bool IsIgnoredByHfs(char c) => c is (>= '\u200C' and <= '\u200F') or (>= '\u202A' and <= '\u202E')
        or (>= '\u206A' and <= '\u206F') or '\uFEFF';
}
