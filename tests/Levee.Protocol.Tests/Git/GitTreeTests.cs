using System.Text;
using CsCheck;
using Levee.Protocol.Git;

namespace Levee.Protocol.Tests.Git;

public sealed class GitTreeTests
{
    private static readonly ObjectId Id = GitObject.Blob("x").Id;

    [Fact]
    public void Has_the_id_that_git_gives_to_the_same_entries()
    {
        using var git = GitRepository.Create();
        GitGen.Entries.Sample(entries =>
        {
            var listing = new StringBuilder();
            foreach (var entry in entries)
            {
                var kind = entry.Mode == GitFileMode.Directory ? "tree" : "blob";
                listing.Append(entry.Mode.ToWireString()).Append(' ').Append(kind).Append(' ').Append(entry.Id).Append('\t')
                    .Append(entry.Name).Append('\0');
            }

            var expected = git.Run(["mktree", "-z", "--missing"], Encoding.UTF8.GetBytes(listing.ToString()));
            return GitTree.Create(entries).ToObject().Id.ToString() == expected;
        }, iter: 100, threads: 1);
    }

    [Fact]
    public void Parse_undoes_encode() => GitGen.Entries.Sample(entries =>
    {
        var tree = GitTree.Create(entries);
        var again = GitTree.Parse(tree.Encode());
        return again.Entries.SequenceEqual(tree.Entries) && again.Encode().AsSpan().SequenceEqual(tree.Encode());
    });

    [Fact]
    public void The_order_of_the_entries_given_does_not_matter() => GitGen.Entries.Sample(entries =>
        GitTree.Create(entries.Reverse()).ToObject().Id == GitTree.Create(entries).ToObject().Id);

    [Fact]
    public void A_directory_sorts_as_if_its_name_ended_in_a_slash()
    {
        var tree = GitTree.Create(
        [
            new(GitFileMode.Directory, "a", Id), new(GitFileMode.File, "a0", Id), new(GitFileMode.File, "a.txt", Id), new(GitFileMode.File, "a-b", Id),
        ]);

        Assert.Equal(["a-b", "a.txt", "a", "a0"], tree.Entries.Select(entry => entry.Name));
    }

    [Fact]
    public void The_empty_tree_has_gits_well_known_id() =>
        Assert.Equal("4b825dc642cb6eb9a060e54bf8d69288fbee4904", GitTree.Create([]).ToObject().Id.ToString());

    [Fact]
    public void Any_bytes_are_a_tree_or_a_format_error() => Mutated(GitTree.Create(
        [new(GitFileMode.Directory, "a", Id), new(GitFileMode.File, "b", Id)]).Encode()).Sample(bytes =>
    {
        try
        {
            return GitTree.Parse(bytes).Encode().AsSpan().SequenceEqual(bytes);
        }
        catch (GitFormatException)
        {
            return true;
        }
    }, iter: 20_000);

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData(".git")]
    [InlineData(".GIT")]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("git~1")]
    [InlineData(".git ")]
    [InlineData(".git...")]
    [InlineData(".git::$INDEX_ALLOCATION")]
    [InlineData(".g\u200cit")]
    [InlineData("a\\.git")]
    public void Refuses_a_name_that_git_would_not_take(string name) =>
        Assert.Throws<GitFormatException>(() => GitTree.Create([new(GitFileMode.File, name, Id)]));

    // Not a row above: an attribute cannot hold it.
    [Fact]
    public void Refuses_half_a_surrogate_pair() =>
        Assert.Throws<GitFormatException>(() => GitTree.Create([new(GitFileMode.File, "\uD800", Id)]));

    [Theory]
    [InlineData(".gitignore")]
    [InlineData("git")]
    [InlineData("...")]
    [InlineData(".git~1")]
    [InlineData("a b")]
    [InlineData(".protocol")]
    [InlineData("%2Fä")]
    public void Takes_a_name_that_only_looks_forbidden(string name) => Assert.Single(GitTree.Create([new(GitFileMode.File, name, Id)]).Entries);

    [Fact]
    public void Refuses_a_name_that_is_too_long()
    {
        Assert.Single(GitTree.Create([new(GitFileMode.File, new string('ä', 2048), Id)]).Entries);
        Assert.Throws<GitFormatException>(() => GitTree.Create([new(GitFileMode.File, new string('ä', 2049), Id)]));
        Assert.Throws<GitFormatException>(() => GitTree.Parse(Entry("100644", new string('a', 4097))));
    }

    [Fact]
    public void Refuses_two_entries_of_one_name_even_when_they_sort_apart()
    {
        GitTreeEntry[] entries = [new(GitFileMode.File, "a", Id), new(GitFileMode.File, "a.b", Id), new(GitFileMode.Directory, "a", Id)];
        Assert.Throws<GitFormatException>(() => GitTree.Create(entries));

        byte[] bytes = [.. Entry("100644", "a"), .. Entry("100644", "a.b"), .. Entry("40000", "a")];
        Assert.Throws<GitFormatException>(() => GitTree.Parse(bytes));
    }

    [Fact]
    public void Refuses_entries_out_of_order() =>
        Assert.Throws<GitFormatException>(() => GitTree.Parse([.. Entry("100644", "b"), .. Entry("100644", "a")]));

    [Fact]
    public void Refuses_the_id_of_zeros() =>
        Assert.Throws<GitFormatException>(() => GitTree.Create([new(GitFileMode.File, "a", default)]));

    [Theory]
    [InlineData("040000")]
    [InlineData("160000")]
    [InlineData("100664")]
    [InlineData("+40000")]
    [InlineData("")]
    [InlineData("99999999999999999999")]
    public void Refuses_a_mode_that_is_not_canonical(string mode) =>
        Assert.Throws<GitFormatException>(() => GitTree.Parse(Entry(mode, "a")));

    [Fact]
    public void Refuses_a_mode_that_is_no_mode() =>
        Assert.Throws<GitFormatException>(() => GitTree.Create([new((GitFileMode)0xE000, "a", Id)]));

    [Fact]
    public void Refuses_a_name_that_is_not_utf8() =>
        Assert.Throws<GitFormatException>(() => GitTree.Parse([.. "100644 "u8, 0xFF, 0, .. Id.ToArray()]));

    [Fact]
    public void The_wire_may_write_a_directorys_mode_with_a_leading_zero()
    {
        Assert.True(GitFileModes.TryParse("040000", out var padded));
        Assert.True(GitFileModes.TryParse("40000", out var plain));
        Assert.Equal((GitFileMode.Directory, GitFileMode.Directory), (padded, plain));
        Assert.Equal(("40000", "040000"), (padded.ToCanonicalString(), padded.ToWireString()));
        Assert.False(GitFileModes.TryParse("160000", out _));
        Assert.False(GitFileModes.TryParse(null, out _));
    }

    [Theory]
    [InlineData(GitFileMode.Directory, 16384, "40000")]
    [InlineData(GitFileMode.File, 33188, "100644")]
    [InlineData(GitFileMode.Executable, 33261, "100755")]
    [InlineData(GitFileMode.SymbolicLink, 40960, "120000")]
    public void Modes_are_gits_numbers(GitFileMode mode, int number, string octal)
    {
        Assert.Equal(number, (int)mode);
        Assert.Equal(octal, mode.ToCanonicalString());
        Assert.Equal(octal, Convert.ToString((int)mode, 8));
    }

    /// <summary>Random bytes, and good bytes with a few of them changed, cut or repeated.</summary>
    internal static Gen<byte[]> Mutated(byte[] good) => Gen.OneOf(
        Gen.Byte.Array[0, 100],
        Gen.Int[0, good.Length].Select(length => good[..length]),
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, (index, value) => (byte[])[.. good[..index], value, .. good[(index + 1)..]]),
        Gen.Select(Gen.Int[0, good.Length], Gen.Int[0, good.Length], (from, to) => (byte[])[.. good[..from], .. good[to..]]));

    private static byte[] Entry(string mode, string name) => [.. Encoding.UTF8.GetBytes($"{mode} {name}"), 0, .. Id.ToArray()];
}
