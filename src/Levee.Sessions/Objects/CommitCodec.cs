using System.Text;
using Levee.Protocol.Git;

namespace Levee.Sessions;

/// <summary>Commits in git's canonical form.</summary>
public static class CommitCodec
{
    /// <summary>Makes the commit.</summary>
    public static GitObject Encode(CommitData commit)
    {
        var text = new StringBuilder();
        text.Append("tree ").Append(commit.Tree).Append('\n');
        foreach (var parent in commit.Parents)
        {
            text.Append("parent ").Append(parent).Append('\n');
        }

        text.Append("author ").Append(commit.Author.ToHeader()).Append('\n');
        text.Append("committer ").Append(commit.Committer.ToHeader()).Append("\n\n");
        text.Append(commit.Message);
        return GitObject.Create(GitObjectKind.Commit, Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>Reads a stored commit, which was encoded here.</summary>
    public static CommitData Decode(GitObject commit)
    {
        var text = Encoding.UTF8.GetString(commit.Content.Span);
        var end = text.IndexOf("\n\n", StringComparison.Ordinal);
        var headers = text[..end].Split('\n').Select(line => line.Split(' ', 2)).ToLookup(parts => parts[0], parts => parts[1]);
        return new CommitData(
            Id(headers["tree"].Single()),
            [.. headers["parent"].Select(Id)],
            CommitAuthor.Parse(headers["author"].Single()),
            CommitAuthor.Parse(headers["committer"].Single()),
            text[(end + 2)..]);
    }

    private static ObjectId Id(string hex) =>
        ObjectId.TryParse(hex, out var id) ? id : throw new InvalidDataException("A stored commit names no object id.");
}
