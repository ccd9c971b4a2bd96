using Levee.Protocol.Git;
using static Levee.Sessions.Tests.SessionHost;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>Whatever a client says of parents, a document's versions stay its own, all of them and in order.</summary>
public sealed class SummaryHistoryTests
{
    private const string Invalid = "One or more parent summaries are invalid";

    [Fact]
    public async Task Older_versions_as_parents_add_nothing_to_the_head_and_hide_none()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var versions = new List<string> { (await document.HeadAsync())!.ToString()! };
        for (var i = 0; i < 3; i++)
        {
            await document.WriteAsync(Op((2 * i) + 1));
            string[] named = i == 2 ? [versions[0], versions[^1], versions[1]] : [versions[0]];
            versions.Add(await document.AcknowledgedAsync(Summarize((2 * i) + 2, await document.UploadAsync($"{i}"), versions[^1], parents: named)));
            Assert.Equal(versions[^2], Assert.Single((await document.ReadCommitAsync(versions[^1])).Parents).ToString());
        }

        Assert.Equal(versions, await ListAsync(document));
    }

    [Fact]
    public async Task A_commit_that_is_none_of_the_documents_versions_is_no_parent_though_its_tree_is_a_good_handle()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var initial = (await document.HeadAsync())!.ToString()!;
        var foreign = await CommitAsync(document, await document.UploadAsync("foreign"));
        foreach (var parents in new string[][] { [foreign], [initial, foreign], [foreign, initial] })
        {
            var number = document.Answers.Count + 1;
            Assert.Equal(Invalid, await document.RefusedAsync(Summarize(number, foreign, initial, parents: parents)));
        }

        var taken = await document.AcknowledgedAsync(Summarize(4, foreign, initial, parents: [initial]));
        Assert.Equal("foreign", (await document.LoadAsync()).Files[".app/body"]);
        Assert.Equal([initial, taken], await ListAsync(document));
    }

    [Fact]
    public async Task A_first_summary_has_no_parents()
    {
        await using var document = await StartAsync();
        var foreign = await CommitAsync(document, await document.UploadAsync("foreign"));
        Assert.Equal(Invalid, await document.RefusedAsync(Summarize(1, foreign, head: null, parents: [foreign])));
        var taken = await document.AcknowledgedAsync(Summarize(2, foreign, head: null));
        Assert.Equal([taken], await ListAsync(document));
    }

    [Fact]
    public async Task A_commit_of_the_clients_own_may_be_the_handle_and_not_the_parent()
    {
        await using var document = await StartAsync();
        // As Levee's own driver does it: a commit on the last acknowledged one, which is head and parent.
        var first = await document.AcknowledgedAsync(Summarize(1, await CommitAsync(document, await document.UploadAsync("one")), head: null));
        await document.WriteAsync(Op(2));
        var own = await CommitAsync(document, await document.UploadAsync("two"), first);
        Assert.Equal(Invalid, await document.RefusedAsync(Summarize(3, own, first, parents: [first, own])));
        var second = await document.AcknowledgedAsync(Summarize(4, own, first, parents: [first]));
        Assert.Equal([first, second], await ListAsync(document));
    }

    private static async Task<string> CommitAsync(Summarizing document, string tree, params string[] parents)
    {
        Assert.True(ObjectId.TryParse(tree, out var id));
        var author = new GitSignature("somebody", "", DateTimeOffset.UnixEpoch);
        return (await new CommitService(document.Host.Documents).CreateAsync(
            Key.TenantId, id, [.. parents.Select(Parse)], author, author, "mine", TestContext.Current.CancellationToken)).Id.ToString();
    }

    private static ObjectId Parse(string id) => ObjectId.TryParse(id, out var parsed) ? parsed : throw new ArgumentException(id);

    /// <summary>The versions as clients list them, oldest first.</summary>
    private static async Task<List<string>> ListAsync(Summarizing document)
    {
        var listed = await new CommitService(document.Host.Documents).ListAsync(
            Key.TenantId, (await document.HeadAsync())!.Value, 100, TestContext.Current.CancellationToken);
        return [.. listed.Reverse().Select(version => version.Id.ToString())];
    }
}
