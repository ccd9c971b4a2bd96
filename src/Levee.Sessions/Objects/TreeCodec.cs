using System.Buffers;
using System.Text;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>Trees in git's canonical form: <c>mode SP name NUL id</c> per entry, in git's order.</summary>
public static class TreeCodec
{
    /// <summary>Makes a tree of entries in any order; their names are valid and differ.</summary>
    public static GitObject Encode(IEnumerable<TreeEntry> entries)
    {
        var keyed = entries.Select(entry => (Entry: entry, Key: SortKey(entry))).ToArray();
        Array.Sort(keyed, (left, right) => left.Key.AsSpan().SequenceCompareTo(right.Key));
        var output = new ArrayBufferWriter<byte>(Math.Max(1, keyed.Sum(item => item.Key.Length + 8 + ObjectId.Length)));
        foreach (var (entry, _) in keyed)
        {
            // The one mode that git writes with five digits; with six, fsck warns and the id differs.
            output.Write(entry.Mode == TreeEntryMode.Tree ? "40000"u8 : Encoding.ASCII.GetBytes(entry.Mode.ToText()));
            output.Write(" "u8);
            output.Write(Encoding.UTF8.GetBytes(entry.Name));
            output.Write("\0"u8);
            entry.Id.CopyTo(output.GetSpan(ObjectId.Length));
            output.Advance(ObjectId.Length);
        }

        return GitObject.Create(GitObjectKind.Tree, output.WrittenMemory);
    }

    /// <summary>Reads a stored tree's entries, in its order.</summary>
    public static List<TreeEntry> Decode(GitObject tree)
    {
        var entries = new List<TreeEntry>();
        var rest = tree.Content.Span;
        while (!rest.IsEmpty)
        {
            var space = rest.IndexOf((byte)' ');
            var end = rest.IndexOf((byte)0);
            var mode = TreeEntryModes.Parse(Encoding.ASCII.GetString(rest[..space]))
                ?? throw new InvalidDataException($"Tree {tree.Id} has an entry of an unknown mode.");
            var id = new ObjectId(rest.Slice(end + 1, ObjectId.Length));
            entries.Add(new TreeEntry(Encoding.UTF8.GetString(rest[(space + 1)..end]), mode, id));
            rest = rest[(end + 1 + ObjectId.Length)..];
        }

        return entries;
    }

    /// <summary>Git compares names byte by byte, as if a tree's ended with a slash.</summary>
    private static byte[] SortKey(TreeEntry entry) =>
        Encoding.UTF8.GetBytes(entry.Mode == TreeEntryMode.Tree ? entry.Name + "/" : entry.Name);
}
