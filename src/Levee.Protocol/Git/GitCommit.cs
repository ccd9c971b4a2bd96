using System.Globalization;
using System.Text;

namespace Levee.Protocol.Git;

/// <summary>A snapshot in history. Its bytes, and so its id, are those that <c>git commit-tree</c> would write.</summary>
public sealed record GitCommit
{
    /// <summary>The most parents that a commit may have.</summary>
    public const int MaxParents = 64;

    /// <summary>The longest message, in UTF-16 units.</summary>
    public const int MaxMessageLength = 1 << 20;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The root folder.</summary>
    public ObjectId Tree { get; }

    /// <summary>The commits before it; none for the first.</summary>
    public IReadOnlyList<ObjectId> Parents { get; }

    /// <summary>Who wrote it.</summary>
    public GitSignature Author { get; }

    /// <summary>Who stored it.</summary>
    public GitSignature Committer { get; }

    /// <summary>The message, as given but for NUL characters, which git forbids.</summary>
    public string Message { get; }

    /// <summary>Makes a commit. Throws a <see cref="GitFormatException"/> for too many parents or too long a message.</summary>
    public GitCommit(ObjectId tree, IReadOnlyList<ObjectId> parents, GitSignature author, GitSignature committer, string message)
    {
        if (parents.Count > MaxParents)
        {
            throw new GitFormatException($"A commit must not have more than {MaxParents} parents.");
        }

        if (message.Length > MaxMessageLength)
        {
            throw new GitFormatException($"A commit's message must not be longer than {MaxMessageLength} characters.");
        }

        Tree = tree;
        Parents = [.. parents];
        Author = author;
        Committer = committer;
        Message = WellFormed(message.Replace("\0", "", StringComparison.Ordinal));
    }

    /// <summary>Reads a commit's canonical bytes. Throws a <see cref="GitFormatException"/> when we would not have written exactly these.</summary>
    public static GitCommit Parse(ReadOnlySpan<byte> content)
    {
        var commit = ParseFields(content);
        return commit.Encode().AsSpan().SequenceEqual(content)
            ? commit
            : throw new GitFormatException("A commit is not in the canonical form.");
    }

    /// <summary>The canonical bytes: header lines, an empty line, the message.</summary>
    public byte[] Encode()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"tree {Tree}\n");
        foreach (var parent in Parents)
        {
            text.Append(CultureInfo.InvariantCulture, $"parent {parent}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"author {Author}\ncommitter {Committer}\n\n{Message}");
        return Utf8.GetBytes(text.ToString());
    }

    /// <summary>The commit as an object to store.</summary>
    public GitObject ToObject() => GitObject.Create(GitObjectKind.Commit, Encode());

    /// <summary>Equal when the bytes are.</summary>
    public bool Equals(GitCommit? other) =>
        other is not null && Tree == other.Tree && Parents.SequenceEqual(other.Parents)
        && Author == other.Author && Committer == other.Committer && Message == other.Message;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tree, Parents.Count, Author, Committer, Message);

    private static GitCommit ParseFields(ReadOnlySpan<byte> content)
    {
        var tree = ParseId(TakeLine(ref content, "tree "u8));
        var parents = new List<ObjectId>();
        while (content.StartsWith("parent "u8))
        {
            if (parents.Count == MaxParents)
            {
                throw new GitFormatException($"A commit must not have more than {MaxParents} parents.");
            }

            parents.Add(ParseId(TakeLine(ref content, "parent "u8)));
        }

        var author = ParseSignature(TakeLine(ref content, "author "u8));
        var committer = ParseSignature(TakeLine(ref content, "committer "u8));
        if (content.IsEmpty || content[0] != '\n')
        {
            throw new GitFormatException("A commit has a header that is not supported, or no message.");
        }

        return new GitCommit(tree, parents, author, committer, Decode(content[1..], 4 * MaxMessageLength));
    }

    private static string TakeLine(ref ReadOnlySpan<byte> content, ReadOnlySpan<byte> name)
    {
        var end = content.IndexOf((byte)'\n');
        if (end < 0 || !content.StartsWith(name))
        {
            throw new GitFormatException($"A commit lacks its '{Encoding.ASCII.GetString(name).TrimEnd()}' line.");
        }

        var line = Decode(content[name.Length..end], 16 * GitSignature.MaxLength);
        content = content[(end + 1)..];
        return line;
    }

    private static string Decode(ReadOnlySpan<byte> bytes, int limit)
    {
        if (bytes.Length > limit)
        {
            throw new GitFormatException("A part of a commit is too long.");
        }

        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw new GitFormatException("A commit is not UTF-8.");
        }
    }

    private static ObjectId ParseId(string text) =>
        ObjectId.TryParse(text, out var id) ? id : throw new GitFormatException("A commit names an object by something that is no id.");

    private static GitSignature ParseSignature(string text) =>
        GitSignature.TryParse(text) ?? throw new GitFormatException("A commit's author or committer is not in the canonical form.");

    // Half a surrogate pair has no UTF-8; it becomes the replacement character here, once, so that the value is what the bytes say.
    private static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
