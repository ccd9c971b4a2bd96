using System.Text;
using System.Text.Json;
using Levee.Protocol.Git;
using static Levee.Sessions.Tests.SessionHost;
using static Levee.Sessions.Tests.Summarizing;

namespace Levee.Sessions.Tests;

/// <summary>The reference service's rules for a proposed summary, one after the other, on a real store.</summary>
public sealed class SummaryRulesTests
{
    private const string Nowhere = "00000000000000000000000000000000000000ff";

    [Fact]
    public async Task A_proposal_that_covers_no_more_than_the_last_acknowledged_one_is_passed_over_in_silence()
    {
        await using var document = await StartAsync();
        // Somebody who has seen nothing yet, so that a lower reference is still one that may be sent.
        await document.Host.ConnectAsync();
        await document.WriteAsync(Op(1, 1), Op(2, 1));
        var first = await document.AcknowledgedAsync(Summarize(3, await document.UploadAsync("one"), null, reference: 2));
        // Neither the same number nor one below it, whatever else is wrong; the one after it is answered, so these are not.
        await document.WriteAsync(Summarize(4, await document.UploadAsync("two"), first, reference: 2));
        await document.WriteAsync(Summarize(5, Nowhere, Nowhere, reference: 2));
        await document.WriteAsync(Summarize(6, await document.UploadAsync("two"), first, reference: 1));
        await document.AcknowledgedAsync(Summarize(7, await document.UploadAsync("three"), first, reference: 3));
        Assert.Equal(2, document.Answers.Count);
    }

    [Fact]
    public async Task Without_a_head_a_proposal_needs_a_document_without_one()
    {
        await using var document = await StartAsync();
        var first = await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("one"), head: null));
        var refusal = await document.RefusedAsync(Summarize(2, await document.UploadAsync("two"), head: null));
        Assert.Equal($"Proposed parent summary none does not match actual parent summary \"{first}\"", refusal);
    }

    [Fact]
    public async Task Without_a_head_a_proposal_does_not_replace_an_initial_summary()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        Assert.StartsWith("Proposed parent summary none does not match", await document.RefusedAsync(Summarize(1, await document.UploadAsync("one"), null)));
    }

    [Theory]
    [InlineData(Nowhere)]
    [InlineData("no id at all")]
    public async Task With_a_head_a_proposal_needs_a_document_that_has_that_one(string head)
    {
        await using var document = await StartAsync();
        Assert.Contains("does not match actual parent summary none", await document.RefusedAsync(Summarize(1, await document.UploadAsync("one"), head)));
    }

    [Fact]
    public async Task The_initial_summary_is_a_valid_head_until_the_first_acknowledgement_and_not_after_it()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var initial = (await document.HeadAsync())!.ToString()!;
        var first = await document.AcknowledgedAsync(Summarize(1, await document.UploadAsync("one"), initial, parents: [initial]));
        Assert.Contains("does not match", await document.RefusedAsync(Summarize(2, await document.UploadAsync("two"), initial)));
        await document.AcknowledgedAsync(Summarize(3, await document.UploadAsync("two"), first));
    }

    [Fact]
    public async Task Every_parent_must_be_a_commit_that_exists()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var (initial, tree) = ((await document.HeadAsync())!.ToString()!, await document.UploadAsync("one"));
        foreach (var parent in new[] { Nowhere, tree, "no id", "" })
        {
            var number = document.Answers.Count + 1;
            Assert.Equal("One or more parent summaries are invalid", await document.RefusedAsync(Summarize(number, tree, initial, parents: [initial, parent])));
        }
    }

    [Fact]
    public async Task A_proposal_overtaken_by_one_that_covers_as_much_is_refused_when_its_turn_comes()
    {
        await using var document = await StartAsync();
        var (one, two) = (await document.UploadAsync("one"), await document.UploadAsync("two"));
        await document.WriteAsync(Op(1, 1));
        await document.WriteAsync(Summarize(2, one, null, reference: 1), Summarize(3, two, null, reference: 1));
        await document.Client.Until(() => document.Answers.Count == 2);
        Assert.NotNull(document.Answers[0].Handle);
        Assert.Equal("Proposed summary at 1 is not newer than the last acknowledged one at 1", document.Answers[1].Message);
        Assert.Equal("one", (await document.LoadAsync()).Files[".app/body"]);
    }

    [Fact]
    public async Task A_handle_must_be_a_tree_or_a_commit()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var initial = (await document.HeadAsync())!.ToString()!;
        var blob = (await document.LoadAsync()).Snapshot.Entries.Single(entry => entry.Path == ".app/body").Id.ToString();
        Assert.Equal($"The handle \"{Nowhere}\" is neither a tree nor a commit", await document.RefusedAsync(Summarize(1, Nowhere, initial)));
        Assert.Equal($"The handle \"{blob}\" is neither a tree nor a commit", await document.RefusedAsync(Summarize(2, blob, initial)));
        await document.AcknowledgedAsync(Summarize(3, initial, initial));
        Assert.Equal("initial", (await document.LoadAsync()).Files[".app/body"]);
    }

    [Fact]
    public async Task A_summary_that_includes_the_protocol_tree_has_the_apps_in_one_of_its_own()
    {
        await using var document = await StartAsync();
        Assert.True(ObjectId.TryParse(await document.UploadAsync("one"), out var app));
        var blob = GitObject.Blob("mine"u8.ToArray());
        await document.Host.Documents.PutObjectsAsync(Key.TenantId, [blob], TestContext.Current.CancellationToken);
        var protocol = await document.StoreTreeAsync(".protocol", new GitTreeEntry(GitFileMode.File, "attributes", blob.Id));
        var root = await document.StoreTreeAsync("", new GitTreeEntry(GitFileMode.Directory, ".app", app), protocol);

        Assert.Equal(
            "The summary says that it includes the protocol tree, but has no .app",
            await document.RefusedAsync(Summarize(1, app.ToString(), null, reference: 1, includesProtocolTree: true)));
        await document.AcknowledgedAsync(Summarize(2, root.Id.ToString(), null, reference: 1, includesProtocolTree: true));
        var (snapshot, files) = await document.LoadAsync();
        Assert.Equal("one", files[".app/body"]);
        Assert.Equal("""{"minimumSequenceNumber":0,"sequenceNumber":1}""", files[".protocol/attributes"]);
        Assert.Equal(1, snapshot.SequenceNumber);
    }

    [Fact]
    public async Task Of_what_a_client_uploads_under_the_services_names_only_flags_that_can_be_read_are_taken_over()
    {
        await using var document = await StartAsync();
        Assert.True(ObjectId.TryParse(await document.UploadAsync("x"), out var tree));
        var handle = await document.UploadAsync(
            "one", new(GitFileMode.Directory, ".protocol", tree), new(GitFileMode.Directory, ".serviceProtocol", tree), new(GitFileMode.Directory, ".logTail", tree));
        var commit = await document.ReadCommitAsync(await document.AcknowledgedAsync(Summarize(1, handle, null)));
        var root = await new ObjectReader(document.Host.Documents).ReadEntriesAsync(Key.TenantId, commit.Tree, TestContext.Current.CancellationToken);
        Assert.Equal([".protocol", "body"], root.Select(entry => entry.Name));
        Assert.NotEqual(tree, root[0].Id);

        var flags = new GitTreeEntry(GitFileMode.File, "stated", await document.StoreBlobAsync("""{"t":{"unreferenced":true,"more":1},"u":{"groupId":"g"}}"""));
        var service = await document.StoreTreeAsync(".serviceProtocol", flags, new GitTreeEntry(GitFileMode.File, "deli", await document.StoreBlobAsync("mine")));
        handle = await document.UploadAsync("two", service, await document.StoreTreeAsync("t"));
        await document.AcknowledgedAsync(Summarize(2, handle, (await document.HeadAsync())!.ToString(), reference: 3));
        var (snapshot, files) = await document.LoadAsync();
        Assert.True(snapshot.Entries.Single(entry => entry.Path == ".app/t").Unreferenced);
        root = await new ObjectReader(document.Host.Documents).ReadEntriesAsync(Key.TenantId, snapshot.Tree, TestContext.Current.CancellationToken);
        service = root.Single(entry => entry.Name == ".serviceProtocol");
        var kept = Assert.Single(await new ObjectReader(document.Host.Documents).ReadEntriesAsync(Key.TenantId, service.Id, TestContext.Current.CancellationToken));
        Assert.Equal("flags", kept.Name);
        Assert.NotEqual(flags.Id, kept.Id);
    }

    [Fact]
    public async Task A_tree_made_on_top_of_the_heads_own_says_nothing_of_the_trees_that_it_changes()
    {
        await using var document = await StartAsync();
        var cancelled = TestContext.Current.CancellationToken;
        SummaryTree Tree(string content) => new(new Dictionary<string, SummaryNode> { ["x"] = new SummaryBlob(Encoding.UTF8.GetBytes(content)) });
        var first = new SummaryTree(new Dictionary<string, SummaryNode>
        {
            ["t"] = Tree("one") with { Unreferenced = true },
            ["u"] = Tree("one") with { GroupId = "g" },
        });
        var uploads = new SummaryUploads(document.Host.Documents);
        var head = await document.AcknowledgedAsync(Summarize(1, (await uploads.StoreAsync(Key, first, cancelled)).ToString(), null));

        // With the head's tree comes the service's own note of what was said before.
        var commit = await document.ReadCommitAsync(head);
        var change = new TreeChange("t/x", GitFileMode.File, (await document.StoreBlobAsync("two")).ToString());
        var tree = await new TreeService(document.Host.Documents).CreateAsync(Key, [change], commit.Tree, cancelled);
        head = await document.AcknowledgedAsync(Summarize(2, tree.Id.ToString(), head, reference: 3));
        var (snapshot, files) = await document.LoadAsync();
        Assert.Equal("two", files[".app/t/x"]);
        Assert.False(snapshot.Entries.Single(entry => entry.Path == ".app/t").Unreferenced);
        Assert.Equal("g", snapshot.Entries.Single(entry => entry.Path == ".app/u").GroupId);
    }

    [Fact]
    public async Task A_whole_summary_may_say_the_same_as_the_last_one_of_a_tree_that_it_changes()
    {
        await using var document = await StartAsync();
        string? head = null;
        var uploads = new SummaryUploads(document.Host.Documents);
        foreach (var number in new[] { 1, 2 })
        {
            var tree = new SummaryTree(new Dictionary<string, SummaryNode> { ["x"] = new SummaryBlob(Encoding.UTF8.GetBytes($"{number}")) });
            var app = new SummaryTree(new Dictionary<string, SummaryNode> { ["t"] = tree with { Unreferenced = true, GroupId = "g" } });
            var handle = await uploads.StoreAsync(Key, app, TestContext.Current.CancellationToken);
            head = await document.AcknowledgedAsync(Summarize(number, handle.ToString(), head));
            var (snapshot, files) = await document.LoadAsync();
            Assert.Equal($"{number}", files[".app/t/x"]);
            var entry = snapshot.Entries.Single(entry => entry.Path == ".app/t");
            Assert.Equal((true, "g"), (entry.Unreferenced, entry.GroupId));
        }
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData(null)]
    public async Task A_message_that_no_commit_may_have_is_refused(string? message)
    {
        await using var document = await StartAsync();
        var contents = JsonSerializer.Serialize(new { handle = await document.UploadAsync("one"), message = message ?? new string('x', 65_537) });
        Assert.Equal("message must have at most 65536 characters and no NUL", await document.RefusedAsync(Op(1, contents: contents, type: "summarize")));
        contents = JsonSerializer.Serialize(new { handle = await document.UploadAsync("one"), message = new string('x', 65_536) });
        await document.AcknowledgedAsync(Op(2, contents: contents, type: "summarize"));
    }

    [Fact]
    public async Task Every_acknowledged_summary_is_a_version_that_loads()
    {
        await using var document = await StartAsync(hasInitialSummary: true);
        var versions = new List<string> { (await document.HeadAsync())!.ToString()! };
        for (var i = 1; i <= 5; i++)
        {
            // One names its parent, the next does not: the version before it is not lost either way.
            var parents = i % 2 == 0 ? Array.Empty<string>() : [versions[^1]];
            await document.WriteAsync(Op((2 * i) - 1));
            versions.Add(await document.AcknowledgedAsync(Summarize(2 * i, await document.UploadAsync($"{i}"), versions[^1], parents: parents)));
        }

        await document.RestartAsync();
        var history = new List<string>();
        for (var id = (await document.HeadAsync())!.ToString(); id is not null; id = (await document.ReadCommitAsync(id)).Parents is [var parent, ..] ? parent.ToString() : null)
        {
            history.Insert(0, id);
        }

        Assert.Equal(versions, history);
        for (var i = 0; i < versions.Count; i++)
        {
            Assert.Equal(i == 0 ? "initial" : $"{i}", (await document.LoadAsync(versions[i])).Files[".app/body"]);
        }
    }
}
