using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Levee.Protocol.Git;

/// <summary>A folder: entries with distinct names, in git's order. Its bytes, and so its id, are those that git itself would write.</summary>
public sealed class GitTree
{
    /// <summary>The most entries that one tree may have.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>The longest name that an entry may have, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = GitName.MaxBytes;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private GitTree(GitTreeEntry[] entries) => Entries = entries;

    /// <summary>The entries, in git's order: by the bytes of their names, a directory's as if it ended in '/'.</summary>
    public IReadOnlyList<GitTreeEntry> Entries { get; }

    /// <summary>Makes a tree of entries in any order. Throws a <see cref="GitFormatException"/> for a name or mode that git refuses.</summary>
    public static GitTree Create(IEnumerable<GitTreeEntry> entries)
    {
        var sorted = entries.Select(entry => (Key: SortKey(Checked(entry)), Entry: entry)).ToArray();
        if (sorted.Length > MaxEntries)
        {
            throw new GitFormatException($"A tree must not have more than {MaxEntries} entries.");
        }

        Array.Sort(sorted, static (a, b) => a.Key.AsSpan().SequenceCompareTo(b.Key));
        var tree = new GitTree(Array.ConvertAll(sorted, static pair => pair.Entry));
        tree.RefuseDuplicates();
        return tree;
    }

    /// <summary>Reads a tree's canonical bytes. Throws a <see cref="GitFormatException"/> when they are not exactly what git would write.</summary>
    public static GitTree Parse(ReadOnlySpan<byte> content)
    {
        var entries = new List<GitTreeEntry>();
        byte[]? before = null;
        while (!content.IsEmpty)
        {
            var entry = Checked(ParseEntry(ref content));
            var key = SortKey(entry);
            if (before is not null && before.AsSpan().SequenceCompareTo(key) >= 0)
            {
                throw new GitFormatException("The entries of a tree are not in git's order.");
            }

            entries.Add(entries.Count < MaxEntries
                ? entry
                : throw new GitFormatException($"A tree must not have more than {MaxEntries} entries."));
            before = key;
        }

        var tree = new GitTree([.. entries]);
        tree.RefuseDuplicates();
        return tree;
    }

    /// <summary>The canonical bytes: for each entry <c>mode SP name NUL</c> and the 20 bytes of the id.</summary>
    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(64 * Math.Max(1, Entries.Count));
        foreach (var entry in Entries)
        {
            Utf8.GetBytes(entry.Mode.ToCanonicalString(), output);
            output.Write(" "u8);
            Utf8.GetBytes(entry.Name, output);
            output.Write("\0"u8);
            entry.Id.CopyTo(output.GetSpan(ObjectId.Length));
            output.Advance(ObjectId.Length);
        }

        return output.WrittenSpan.ToArray();
    }

    /// <summary>The tree as an object to store.</summary>
    public GitObject ToObject() => GitObject.Create(GitObjectKind.Tree, Encode());

    private static GitTreeEntry Checked(GitTreeEntry entry)
    {
        if (GitName.Problem(entry.Name) is { } problem)
        {
            throw new GitFormatException(problem);
        }

        if (entry.Id == default)
        {
            throw new GitFormatException("An entry must not have the id of zeros.");
        }

        entry.Mode.ToCanonicalString();
        return entry;
    }

    private static byte[] SortKey(GitTreeEntry entry)
    {
        try
        {
            return Utf8.GetBytes(entry.Mode == GitFileMode.Directory ? entry.Name + "/" : entry.Name);
        }
        catch (EncoderFallbackException)
        {
            throw new GitFormatException("A name must not contain half a surrogate pair.");
        }
    }

    private static GitTreeEntry ParseEntry(ref ReadOnlySpan<byte> content)
    {
        var space = content.IndexOf((byte)' ');
        var end = content.IndexOf((byte)0);
        if (space < 0 || end < space || content.Length - end - 1 < ObjectId.Length)
        {
            throw new GitFormatException("A tree ends in the middle of an entry.");
        }

        var entry = new GitTreeEntry(
            ParseMode(content[..space]), ParseName(content[(space + 1)..end]), new ObjectId(content.Slice(end + 1, ObjectId.Length)));
        content = content[(end + 1 + ObjectId.Length)..];
        return entry;
    }

    private static GitFileMode ParseMode(ReadOnlySpan<byte> text)
    {
        // A leading zero, which some tools have written, would give the same tree a second id.
        if (Utf8Parser.TryParse(text, out int digits, out var used) && used == text.Length && text[0] is >= (byte)'1' and <= (byte)'9'
            && GitFileModes.TryParse(digits.ToString(System.Globalization.CultureInfo.InvariantCulture), out var mode))
        {
            return mode;
        }

        throw new GitFormatException("An entry's mode is not one of 40000, 100644, 100755, 120000.");
    }

    private static string ParseName(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return bytes.Length <= GitName.MaxBytes
                ? Utf8.GetString(bytes)
                : throw new GitFormatException($"A name must not have more than {GitName.MaxBytes} bytes.");
        }
        catch (DecoderFallbackException)
        {
            throw new GitFormatException("A name is not UTF-8.");
        }
    }

    // A file and a directory of one name sort apart ("a", "a.b", "a/"), so neighbours alone do not show it.
    private void RefuseDuplicates()
    {
        var names = new HashSet<string>(Entries.Count, StringComparer.Ordinal);
        foreach (var entry in Entries)
        {
            if (!names.Add(entry.Name))
            {
                throw new GitFormatException("Two entries of a tree have the same name.");
            }
        }
    }
}
