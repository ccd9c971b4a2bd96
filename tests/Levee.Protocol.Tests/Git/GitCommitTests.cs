using System.Globalization;
using System.Text;
using CsCheck;
using Levee.Protocol.Git;

namespace Levee.Protocol.Tests.Git;

public sealed class GitCommitTests
{
    private static readonly GitTree Empty = GitTree.Create([]);

    private static readonly GitSignature Ann = new("Ann", "ann@example.com", DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    [Fact]
    public void Has_the_id_that_git_commit_tree_gives()
    {
        using var git = GitRepository.Create();
        git.Write(Empty.ToObject());
        // The names are plain, since git refuses empty ones here; git cleans what surrounds them like we do.
        var name = Gen.Select(GitGen.Of("", " ", ",;", "<"), Gen.Char.AlphaNumeric.Array[1, 10], GitGen.Of("", ":", "' ", " Ünal>"),
            (before, letters, after) => before + new string(letters) + after);
        var signature = Gen.Select(name, name, Gen.Long[100_000_000, 4_000_000_000], Gen.Int[-12 * 60, 14 * 60], (who, mail, seconds, minutes) =>
            (who, mail, time: DateTimeOffset.FromUnixTimeSeconds(seconds).ToOffset(TimeSpan.FromMinutes(minutes))));
        var parents = new List<ObjectId>();

        Gen.Select(signature, signature, GitGen.Of("Initial summary", "", "a\n\nb\n", "tree\nparent", "ümlaut\r\n")).Sample((author, committer, message) =>
        {
            var commit = new GitCommit(
                Empty.ToObject().Id,
                [.. parents.TakeLast(2)],
                new GitSignature(author.who, author.mail, author.time),
                new GitSignature(committer.who, committer.mail, committer.time),
                message);
            var environment = new Dictionary<string, string>
            {
                ["GIT_AUTHOR_NAME"] = author.who,
                ["GIT_AUTHOR_EMAIL"] = author.mail,
                ["GIT_AUTHOR_DATE"] = Date(author.time),
                ["GIT_COMMITTER_NAME"] = committer.who,
                ["GIT_COMMITTER_EMAIL"] = committer.mail,
                ["GIT_COMMITTER_DATE"] = Date(committer.time),
            };
            string[] arguments = ["commit-tree", commit.Tree.ToString(), .. commit.Parents.SelectMany(parent => (string[])["-p", parent.ToString()])];

            var id = git.Run(arguments, Encoding.UTF8.GetBytes(message), environment);
            parents.Add(commit.ToObject().Id);
            return commit.ToObject().Id.ToString() == id;
        }, iter: 60, threads: 1);
    }

    [Fact]
    public void Parse_undoes_encode() => GitGen.Commit.Sample(commit =>
    {
        var again = GitCommit.Parse(commit.Encode());
        return again == commit && again.Encode().AsSpan().SequenceEqual(commit.Encode());
    });

    [Fact]
    public void Any_bytes_are_a_commit_or_a_format_error() =>
        GitTreeTests.Mutated(new GitCommit(Empty.ToObject().Id, [GitObject.Blob("x").Id], Ann, Ann, "message").Encode()).Sample(bytes =>
        {
            try
            {
                return GitCommit.Parse(bytes).Encode().AsSpan().SequenceEqual(bytes);
            }
            catch (GitFormatException)
            {
                return true;
            }
        }, iter: 20_000);

    [Fact]
    public void Cleaning_a_signature_again_changes_nothing() => GitGen.Signature.Sample(signature =>
        new GitSignature(signature.Name, signature.Email, signature.Time) == signature);

    [Fact]
    public void Keeps_the_offset_of_the_time()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, new TimeSpan(-9, -30, 0));
        Assert.Equal("Ann <a@b> 1767357245 -0930", new GitSignature("Ann", "a@b", time).ToString());
        Assert.Equal("+0530", new GitSignature("", "", time.ToOffset(new TimeSpan(5, 30, 0))).ToString()[^5..]);
    }

    [Fact]
    public void Takes_a_time_before_1970_for_1970() =>
        Assert.Equal(0, new GitSignature("a", "b", new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero)).Time.ToUnixTimeSeconds());

    [Theory]
    [InlineData("author")]
    [InlineData("committer")]
    [InlineData("tree")]
    public void Refuses_a_commit_that_lacks_a_line(string line)
    {
        var text = Encoding.UTF8.GetString(new GitCommit(Empty.ToObject().Id, [], Ann, Ann, "m").Encode());
        var without = string.Join('\n', text.Split('\n').Where(one => !one.StartsWith(line, StringComparison.Ordinal)));
        var failure = Assert.Throws<GitFormatException>(() => GitCommit.Parse(Encoding.UTF8.GetBytes(without)));
        Assert.Contains(line, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("+0000", "-0000")]
    [InlineData("+0000", "+0060")]
    [InlineData("+0000", "+1500")]
    [InlineData("+0000", "+000")]
    [InlineData("1700000000", "01700000000")]
    [InlineData("1700000000", "-1")]
    [InlineData("1700000000", "99999999999999999999")]
    [InlineData("Ann <", "Ann<")]
    [InlineData("Ann <", " Ann <")]
    [InlineData("\n\nm", "\nencoding latin1\n\nm")]
    [InlineData("tree 4b", "tree 4B")]
    [InlineData("tree 4b", "tree xy")]
    public void Refuses_what_is_not_canonical(string from, string to)
    {
        var text = Encoding.UTF8.GetString(new GitCommit(Empty.ToObject().Id, [], Ann, Ann, "m").Encode());
        var broken = text.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(text, broken);
        Assert.Throws<GitFormatException>(() => GitCommit.Parse(Encoding.UTF8.GetBytes(broken)));
    }

    [Fact]
    public void Refuses_too_many_parents_and_too_long_a_message()
    {
        var parents = Enumerable.Range(0, GitCommit.MaxParents + 1).Select(n => GitObject.Blob($"{n}").Id).ToArray();
        Assert.Throws<GitFormatException>(() => new GitCommit(Empty.ToObject().Id, parents, Ann, Ann, "m"));
        Assert.Throws<GitFormatException>(
            () => new GitCommit(Empty.ToObject().Id, [], Ann, Ann, new string('m', GitCommit.MaxMessageLength + 1)));
    }

    private static string Date(DateTimeOffset time)
    {
        var sign = time.Offset < TimeSpan.Zero ? '-' : '+';
        return string.Create(CultureInfo.InvariantCulture, $"@{time.ToUnixTimeSeconds()} {sign}{time.Offset.Duration():hhmm}");
    }
}
