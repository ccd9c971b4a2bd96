using CsCheck;
using Levee.Protocol.Git;

namespace Levee.Protocol.Tests.Git;

public sealed class GitFsckTests
{
    [Fact]
    public void Git_finds_no_fault_with_a_repository_of_our_objects()
    {
        using var git = GitRepository.Create();
        var names = GitGen.Name.Array[1, 6].Select(all => all.Distinct().ToArray());
        var history = new List<ObjectId>();
        Gen.Select(names, names, GitGen.Signature, GitGen.Signature, GitGen.Text).Sample((files, folders, author, committer, message) =>
        {
            var blob = GitObject.Blob(message);
            var inner = GitTree.Create(files.Select((name, n) => new GitTreeEntry(
                n % 2 == 0 ? GitFileMode.File : GitFileMode.Executable, name, blob.Id)));
            var root = GitTree.Create(folders.Select((name, n) => n % 3 == 2
                ? new GitTreeEntry(GitFileMode.SymbolicLink, name, blob.Id)
                : new GitTreeEntry(GitFileMode.Directory, name, inner.ToObject().Id)));
            var commit = new GitCommit(root.ToObject().Id, [.. history.TakeLast(1)], author, committer, message);
            foreach (var item in new[] { blob, inner.ToObject(), root.ToObject(), commit.ToObject() })
            {
                git.Write(item);
            }

            history.Add(commit.ToObject().Id);
        }, iter: 300, threads: 1);
        git.PointMainAt(history[^1]);

        Assert.Equal("", git.Run(["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]));
    }

    [Fact]
    public void Git_does_find_fault_with_a_name_that_we_refuse()
    {
        using var git = GitRepository.Create();
        var blob = GitObject.Blob("x");
        git.Write(blob);
        git.Write(GitObject.Create(GitObjectKind.Tree, (byte[])[.. "100644 .git\0"u8, .. blob.Id.ToArray()]));

        var (code, output) = git.TryRun(["fsck", "--strict", "--full", "--no-dangling"]);

        Assert.NotEqual(0, code);
        Assert.Contains("hasDotgit", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData("\0\u00FF")]
    public void A_blob_has_the_id_that_git_hash_object_gives(string text)
    {
        using var git = GitRepository.Create();
        var blob = GitObject.Blob(text);
        Assert.Equal(git.Run(["hash-object", "--stdin"], blob.Content), blob.Id.ToString());
    }
}
